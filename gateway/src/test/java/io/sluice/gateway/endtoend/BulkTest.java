package io.sluice.gateway.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.embedded.PartsProcess;
import io.sluice.embedded.PartsSettings;
import io.sluice.gateway.endtoend.Api.Answer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Many events in one request. */
@EndToEnd
class BulkTest {

    private static final String LINES = "application/x-ndjson";
    private static final String BATCH = "application/cloudevents-batch+json";

    private final Api api = Stack.gateway().api();
    private final String id = Stack.fresh("bulk");
    private final String path = "/v1/contexts/parcel/" + id;

    private static String event(String id, String subject, String data) {
        return "{\"specversion\":\"1.0\",\"id\":\"" + id + "\",\"source\":\"/bulk\",\"type\":\"t\",\"subject\":\""
                + subject + "\",\"data\":" + data + "}";
    }

    private String event(int number) {
        return event("e" + number, "parcel/" + id, "{\"n\":" + number + "}");
    }

    private Answer post(String type, String body, String... headers) {
        return api.post("/v1/events", body, Api.with(headers, "Content-Type", type));
    }

    private static List<JsonNode> lines(Answer answer) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo(LINES);
        assertThat(answer.body()).endsWith("\n");
        return answer.body().lines().map(Api::json).toList();
    }

    private static void requireAccepted(JsonNode line, int index, String eventId) {
        assertThat(line).isEqualTo(Api.json("{\"index\":" + index + ",\"eventId\":\"" + eventId + "\"}"));
    }

    private static void requireProblem(JsonNode line, int index, int status, String code, String named) {
        assertThat(line.path("index").asInt()).isEqualTo(index);
        assertThat(line.path("eventId").isMissingNode()).isTrue();
        JsonNode problem = line.path("problem");
        Problems.require(status, "application/problem+json", problem, code);
        assertThat(problem.path("detail").asString()).contains(named, "expected");
    }

    private List<String> mixed() {
        return List.of(
                event(0),
                "{\"specversion\":\"1.0\",",
                event("x", "nothing/1", "{}"),
                event(1),
                "{\"specversion\":\"1.0\",\"id\":\"y\"}",
                "[1]",
                event("big", "parcel/" + id, "{\"x\":\"" + "x".repeat(1 << 20) + "\"}"),
                event("twice", "parcel/" + id, "{\"a\":1,\"a\":2}"),
                event(2));
    }

    private void requireMixed(List<JsonNode> lines) {
        assertThat(lines).hasSize(9);
        requireAccepted(lines.get(0), 0, "e0");
        requireProblem(lines.get(1), 1, 400, "malformed", "JSON");
        requireProblem(lines.get(2), 2, 404, "unknown-type", "nothing");
        requireAccepted(lines.get(3), 3, "e1");
        requireProblem(lines.get(4), 4, 400, "malformed", "source");
        requireProblem(lines.get(5), 5, 400, "malformed", "object");
        requireProblem(lines.get(6), 6, 413, "too-large", String.valueOf(1 << 20));
        requireProblem(lines.get(7), 7, 400, "malformed", "twice");
        requireAccepted(lines.get(8), 8, "e2");
    }

    @Test
    void eachLineIsAnsweredInOrderAndABadOneDoesNotStopTheOthers() {
        try (Feed feed = Stack.gateway().watch(path + "?policy=every")) {
            feed.awaitReady();
            requireMixed(lines(post(LINES, String.join("\r\n", mixed()))));
            feed.awaitVersion("parcel/" + id, 3);
            assertThat(feed.events("update").stream()
                            .map(update -> update.json().get("state").get("n").asInt()))
                    .containsExactly(0, 1, 2);
        }
    }

    @Test
    void aBatchIsAnsweredAlike() {
        // What has no end of its own would take the others with it: in an array, nothing else ends an element.
        List<String> elements = new ArrayList<>(mixed());
        elements.set(1, "{\"specversion\" \"1.0\"}");
        requireMixed(lines(post(BATCH, " [" + String.join(" ,\n", elements) + "] \n")));
    }

    @Test
    void eventsOfOneContextAreResolvedInTheOrderOfTheRequest() {
        int events = 3_000;
        try (Feed feed = Stack.gateway().watch("/v1/contexts/parcel?policy=every&id=" + id + "&id=" + id + "b")) {
            feed.awaitReady();
            String body = IntStream.range(0, events)
                    .mapToObj(i -> event("e" + i, "parcel/" + id + (i % 2 == 0 ? "" : "b"), "{\"n\":" + i + "}"))
                    .collect(Collectors.joining("\n"));
            List<JsonNode> lines = lines(post(LINES, body));
            assertThat(lines).hasSize(events);
            for (int i = 0; i < events; i++) {
                requireAccepted(lines.get(i), i, "e" + i);
            }
            for (int odd = 0; odd < 2; odd++) {
                String key = "parcel/" + id + (odd == 0 ? "" : "b");
                feed.awaitVersion(key, events / 2);
                int first = odd;
                assertThat(feed.events("update").stream()
                                .filter(update -> update.key().equals(key))
                                .map(update ->
                                        update.json().get("state").get("n").asInt()))
                        .isEqualTo(IntStream.range(0, events / 2)
                                .mapToObj(i -> 2 * i + first)
                                .toList());
            }
        }
    }

    @Test
    void theSameAgainMakesNoSecondChange() {
        String body = event(1) + "\n" + event(2) + "\n";
        lines(post(LINES, body));
        lines(post(LINES, body));
        lines(post(LINES, event(3)));
        try (Feed feed = Stack.gateway().watch(path)) {
            feed.awaitVersion("parcel/" + id, 3);
            assertThat(api.get(path).version()).isEqualTo(3);
        }
    }

    @Test
    void oddPiecesMakeTheSameLines() {
        long seed = Long.getLong("sluice.test.seed", System.nanoTime());
        Random random = new Random(seed);
        byte[] body = (String.join("\n", mixed()) + "\n\r\n").getBytes(StandardCharsets.UTF_8);
        try (Upload upload = new Upload(Stack.gateway().base())) {
            String text = new String(body, StandardCharsets.UTF_8);
            for (int from = 0; from < text.length(); ) {
                int to = Math.min(text.length(), from + 1 + random.nextInt(from < 2_000 ? 20 : 60_000));
                upload.send(text.substring(from, to));
                from = to;
            }
            upload.end();
            List<JsonNode> lines = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                lines.add(upload.line());
            }
            upload.requireEnd();
            requireMixed(lines);
        } catch (AssertionError e) {
            throw new AssertionError("-Dsluice.test.seed=" + seed, e);
        }
    }

    @Test
    void aLineIsAnsweredBeforeTheNextOneIsSent() {
        try (Upload upload = new Upload(Stack.gateway().base())) {
            for (int i = 0; i < 20; i++) {
                upload.send(event(i) + "\n");
                requireAccepted(upload.line(), i, "e" + i);
            }
            upload.end().requireEnd();
        }
    }

    @Test
    void whoAsksFirstIsToldToGoOn() {
        String body = event(0);
        try (RawSocket socket = new RawSocket(Stack.gateway())) {
            socket.send("POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: " + LINES
                    + "\r\nExpect: 100-continue\r\nContent-Length: " + body.length() + "\r\n\r\n");
            assertThat(socket.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 100 ");
            assertThat(socket.send(body).readUntil("\"eventId\"")).startsWith("HTTP/1.1 200 ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {LINES, BATCH})
    void whoWantsLittleIsToldOfProblemsAndHowManyThereWere(String type) {
        String body =
                event(0) + (type.equals(LINES) ? "\n" : ",") + "{}" + (type.equals(LINES) ? "\n" : ",") + event(1);
        Answer answer = post(type, type.equals(LINES) ? body : "[" + body + "]", "Prefer", "foo, return=minimal");
        List<JsonNode> lines = lines(answer);
        assertThat(answer.header("Preference-Applied")).isEqualTo("return=minimal");
        assertThat(lines).hasSize(2);
        requireProblem(lines.get(0), 1, 400, "malformed", "specversion");
        assertThat(lines.get(1)).isEqualTo(Api.json("{\"accepted\":2,\"rejected\":1}"));
    }

    @Test
    void nothingIsAnsweredWithNothing() {
        assertThat(post(LINES, "\n\n").body()).isEmpty();
        assertThat(post(BATCH, "[]").body()).isEmpty();
        assertThat(post(LINES, "", "Prefer", "return=minimal").body()).isEqualTo("{\"accepted\":0,\"rejected\":0}\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"``|no array", "{}|no array", "[{}|without its end", "[{}] x|behind"})
    void aBatchThatIsNoArrayIsMalformed(String body, String why) {
        Answer answer = post(BATCH, body);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
        Problems.require(answer, "malformed");
        assertThat(answer.json().get("detail").asString()).contains(why, "expected");
    }

    @Test
    void aBatchIsBoundedWhetherItsLengthIsAnnouncedOrNot() {
        String large = "[" + " ".repeat(10 << 20) + "]";
        Answer announced = post(BATCH, large);
        assertThat(announced.status()).isEqualTo(413);
        Problems.require(announced, "too-large");
        assertThat(announced.json().get("detail").asString()).contains(String.valueOf(10 << 20));
        String begin = "POST /v1/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: " + BATCH
                + "\r\nTransfer-Encoding: chunked\r\n\r\n";
        try (RawSocket socket = new RawSocket(Stack.gateway())) {
            socket.send(begin + Integer.toHexString(large.length()) + "\r\n" + large);
            assertThat(socket.readUntil("\"too-large\"")).startsWith("HTTP/1.1 413 ");
        }
        assertThat(lines(post(BATCH, "[" + " ".repeat(1 << 20) + event(0) + "]")))
                .hasSize(1);
    }

    @Test
    void whatIsTakenIsNamedToWhoBringsAnythingElse() {
        Answer answer = post("application/cloudevents-batch+xml", "<x/>");
        assertThat(answer.status()).isEqualTo(415);
        Problems.require(answer, "unsupported-media-type");
        assertThat(answer.header("Accept-Post"))
                .contains("application/cloudevents+json", "application/json", BATCH, LINES);
    }

    /** Of contexts that nobody resolves, so that a lot of them is no burden to others. */
    private static String[] unresolved(String... settings) {
        return Api.with(
                settings,
                "--sluice.roles=publish,feed",
                "--sluice.types.heap.partitions=2",
                "--sluice.types.heap.lane=bulk",
                "--server.address=127.0.0.1",
                "--server.port=0");
    }

    private static String[] withAddresses(String... settings) {
        return Api.with(Stack.addresses(Stack.endpoints()).toArray(String[]::new), settings);
    }

    /** The body is larger than the memory of the process that takes it. */
    @Test
    void manyEventsGoThroughLittleMemoryToWhoReadsAtTheEnd() {
        int events = Integer.getInteger("sluice.test.bulk.events", 300_000);
        try (SluiceProcess process = SluiceProcess.startSmall("128m", withAddresses(unresolved()))) {
            URI base = process.awaitReady();
            String padding = "x".repeat(300);
            long begin = System.nanoTime();
            try (Upload upload = new Upload(base, "Prefer", "return=minimal")) {
                StringBuilder some = new StringBuilder();
                for (int i = 0; i < events; i++) {
                    some.append(event("e" + i, "heap/" + id + i % 1_000, "{\"n\":" + i + ",\"x\":\"" + padding + "\"}"))
                            .append('\n');
                    if (some.length() > 60_000) {
                        upload.send(some.toString());
                        some.setLength(0);
                    }
                }
                upload.send(some + "{}\n").end();
                requireProblem(upload.line(), events, 400, "malformed", "specversion");
                assertThat(upload.line()).isEqualTo(Api.json("{\"accepted\":" + events + ",\"rejected\":1}"));
                upload.requireEnd();
            }
            System.out.println("bulk: " + events + " events in " + (System.nanoTime() - begin) / 1_000_000 + " ms");
            assertThat(new Api(base).get("/actuator/prometheus").body()).contains("sluice_bulk_bytes 0.0");
        }
    }

    @Test
    void whoDoesNotReadTheAnswersIsNotReadAndOthersNoticeNothing() {
        int events = 100_000;
        try (Gateway gateway = Stack.another(unresolved())) {
            AtomicInteger sent = new AtomicInteger();
            try (Upload upload = new Upload(gateway.base())) {
                CompletableFuture<Void> sending = CompletableFuture.runAsync(
                        () -> {
                            for (int i = 0; i < events; i += 20) {
                                int first = i;
                                upload.send(IntStream.range(first, first + 20)
                                        .mapToObj(
                                                k -> event("e" + k, "heap/" + id + k % 100, "{\"n\":" + k + "}") + "\n")
                                        .collect(Collectors.joining()));
                                sent.addAndGet(20);
                            }
                            upload.end();
                        },
                        command -> Thread.ofVirtual().start(command));
                AtomicInteger before = new AtomicInteger(-1);
                Awaitility.await()
                        .atMost(Duration.ofMinutes(1))
                        .pollInterval(Duration.ofMillis(500))
                        .until(() -> sent.get() > 0 && before.getAndSet(sent.get()) == sent.get());
                assertThat(sending).as("the sending, after " + sent + " events").isNotDone();
                assertThat(sent.get()).isLessThan(events);
                assertThat(gateway.meter("sluice_bulk_bytes")).isLessThan(5 << 20);

                Answer other = gateway.api().post("/v1/events", event("o", "heap/" + id, "{}"), "Content-Type", LINES);
                requireAccepted(lines(other).getFirst(), 0, "o");
                for (int i = 0; i < events; i++) {
                    requireAccepted(upload.line(), i, "e" + i);
                }
                upload.requireEnd();
                Api.await(sending);
            }
            Awaitility.await().until(() -> gateway.meter("sluice_bulk_bytes") == 0);
        }
    }

    @Test
    void nothingIsLeftOfWhoGoesInTheMiddleAndWhatWasHandedOverIsWritten() {
        long seed = Long.getLong("sluice.test.seed", System.nanoTime());
        System.out.println("bulk: seed " + seed);
        Random random = new Random(seed);
        int clients = 40;
        try (Leaks leaks = Leaks.watch();
                Gateway gateway = Stack.another("--sluice.roles=publish,feed")) {
            List<Integer> answered = new ArrayList<>();
            for (int client = 0; client < clients; client++) {
                String subject = "parcel/" + id + "-" + client;
                int lines = random.nextInt(300);
                int reads = Math.min(lines, random.nextInt(100));
                try (Upload upload = new Upload(gateway.base())) {
                    upload.send(IntStream.range(0, lines)
                                    .mapToObj(i -> event("e" + i, subject, "{\"n\":" + i + "}") + "\n")
                                    .collect(Collectors.joining())
                            + event("cut", subject, "{\"cut\":\"" + "x".repeat(random.nextInt(100_000)) + "\""));
                    for (int i = 0; i < reads; i++) {
                        requireAccepted(upload.line(), i, "e" + i);
                    }
                }
                answered.add(reads);
            }
            for (int client = 0; client < clients; client++) {
                String key = id + "-" + client;
                int reads = answered.get(client);
                Awaitility.await()
                        .atMost(Duration.ofMinutes(1))
                        .until(() -> reads == 0
                                || api.get("/v1/contexts/parcel/" + key).version() >= reads);
                assertThat(api.get("/v1/contexts/parcel/" + key).body()).doesNotContain("\"cut\"");
            }
            Awaitility.await().until(() -> gateway.meter("sluice_bulk_bytes") == 0);
            assertThat(leaks.found()).as("-Dsluice.test.seed=" + seed).isEmpty();
        }
    }

    @Test
    void aNodeThatStopsSaysWhereItHasStoppedReading() {
        Gateway gateway = Stack.another("--sluice.roles=publish,feed");
        try (Upload upload = new Upload(gateway.base())) {
            upload.send(event(0) + "\n" + event(1) + "\n{\"specv");
            requireAccepted(upload.line(), 0, "e0");
            requireAccepted(upload.line(), 1, "e1");
            CompletableFuture<Void> closing = CompletableFuture.runAsync(gateway::close);
            JsonNode last = upload.line();
            assertThat(last.path("from").asInt()).isEqualTo(2);
            Problems.require(503, "application/problem+json", last.path("problem"), "unavailable");
            upload.requireEnd();
            Api.await(closing);
        } finally {
            gateway.close();
        }
    }

    @Test
    void afterTheFirstEventThatKafkaDoesNotConfirmNothingMoreIsHandedOver(@TempDir Path folder) throws Exception {
        PartsProcess own =
                PartsProcess.start(new PartsSettings(folder, 0, true, true, true), PartsProcess.ownCommand());
        try (Gateway gateway = Gateway.start(
                Stack.addresses(own.await()),
                List.of("--sluice.roles=publish,feed", "--sluice.publishing.timeout=2s"))) {
            try (Upload upload = new Upload(gateway.base(), "Prefer", "return=minimal");
                    Upload telling = new Upload(gateway.base())) {
                telling.send(event(0) + "\n");
                requireAccepted(telling.line(), 0, "e0");
                ProcessHandle.of(own.pid()).orElseThrow().destroyForcibly();
                own.onExit().join();

                telling.send(event(1) + "\n");
                JsonNode first = telling.line();
                assertThat(first.path("index").asInt()).isEqualTo(1);
                JsonNode problem = first.path("problem");
                assertThat(problem.path("status").asInt()).isIn(503, 504);
                assertThat(problem.path("retryable").asBoolean()).isTrue();
                assertThat(problem.has("eventId"))
                        .isEqualTo(problem.path("status").asInt() == 504);
                telling.send(event(2) + "\n" + event(3) + "\n");
                JsonNode from = telling.line();
                assertThat(from.path("from").asInt()).isEqualTo(2);
                Problems.require(503, "application/problem+json", from.path("problem"), "unavailable");
                assertThat(from.path("problem").path("detail").asString()).contains("event 1 was not confirmed");
                telling.end().requireEnd();

                // One who reads at the end gets through with all that they have.
                for (int i = 0; i < 100_000; i += 100) {
                    int begin = i;
                    upload.send(IntStream.range(begin, begin + 100)
                            .mapToObj(k -> event(k) + "\n")
                            .collect(Collectors.joining()));
                }
                upload.end();
                JsonNode line = upload.line();
                while (line.has("problem")) {
                    assertThat(line.path("problem").path("status").asInt()).isIn(503, 504);
                    line = upload.line();
                }
                assertThat(line).isEqualTo(Api.json("{\"accepted\":0,\"rejected\":100000}"));
                upload.requireEnd();
            }
        } finally {
            own.close();
        }
    }
}
