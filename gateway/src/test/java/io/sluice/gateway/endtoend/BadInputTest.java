package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static io.sluice.gateway.endtoend.Api.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.endtoend.Api.Answer;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be taken gets a clear answer at the door, and a feed that runs meanwhile does not notice. */
@EndToEnd
class BadInputTest {

    private static final String BYSTANDER = "/v1/contexts/customer/bystander";

    private static Feed bystander;

    private final Api api = Stack.gateway().api();
    private final String path = "/v1/contexts/customer/" + Stack.fresh("bad");

    @BeforeAll
    static void somebodyWatches() {
        bystander = Stack.gateway().watch(BYSTANDER);
        bystander.awaitReady();
    }

    @AfterAll
    static void whoeverWatchesHasNoticedNothing() {
        Answer written = Stack.gateway().api().patch(BYSTANDER, "{\"done\":true}", WAIT);
        bystander.awaitVersion("customer/bystander", written.version());
        assertThat(bystander.names()).containsExactly("ready", "update");
        bystander.close();
    }

    private void require(Answer answer, int status, String code, String... named) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
        Problems.require(answer, code);
        for (String word : with(named, "expected")) {
            assertThat(answer.json().get("detail").asString()).contains(word);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "{\"a\":}",
                "{\"a\":1,}",
                "{a:1}",
                "{'a':1}",
                "{\"a\":01}",
                "{\"a\":NaN}",
                "nul",
                "\"",
                "{\"a\":1}{\"b\":2}",
                "{\"a\":1} x",
                "{\"a\":1,\"a\":2}",
                "{\"a\":{\"b\":1,\"b\":1}}",
                "{\"a\":\"\\ud800\"}",
                "{\"a\":\"\\u0000\"",
                "[]",
                "[{\"a\":1}]",
                "1",
                "\"text\"",
                "null",
                "true",
                "{\"a\":\"\t\"}",
                "/**/{}"
            })
    void whatIsNotOneJsonObjectIsMalformed(String body) {
        require(api.put(path, body), 400, "malformed", "JSON");
        require(api.patch(path, body), 400, "malformed", "JSON");
        assertThat(api.get(path).status()).isEqualTo(404);
    }

    @Test
    void aDuplicateMemberIsNamed() {
        require(api.put(path, "{\"plan\":1,\"plan\":2}"), 400, "malformed", "plan", "line 1");
    }

    @Test
    void depthIsBounded() {
        assertThat(api.put(path, nested(64), WAIT).status()).isEqualTo(200);
        require(api.put(path, nested(65)), 400, "malformed", "64");
        require(api.put(path, nested(100_000)), 400, "malformed", "64");
    }

    private static String nested(int depth) {
        return "{\"a\":".repeat(depth - 1) + "{}" + "}".repeat(depth - 1);
    }

    @Test
    void aBodyIsBoundedWhetherItsLengthIsAnnouncedOrNot() {
        int limit = 1 << 20;
        String largest = "{\"a\":\"" + "x".repeat(limit - 8) + "\"}";
        assertThat(api.put(path, largest, WAIT).status()).isEqualTo(200);
        String larger = largest.replace("x\"}", "xx\"}");
        require(api.put(path, larger), 413, "too-large", String.valueOf(limit));
        require(api.putChunked(path, larger), 413, "too-large", String.valueOf(limit));
        require(api.putChunked(path, "x".repeat(8 * limit)), 413, "too-large", String.valueOf(limit));
        assertThat(api.get(path).version()).isEqualTo(1);
    }

    @Test
    void aDocumentThatHasGrownTooLargeIsRejected() {
        String half = "x".repeat(600_000);
        api.patch(path, "{\"a\":\"" + half + "\"}", WAIT);
        Answer grown = api.patch(path, "{\"b\":\"" + half + "\"}", WAIT);
        require(grown, 422, "rejected", "document");
        assertThat(api.get(path).version()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"nothing", "Customer", "custo%6Der2", "customer%20", "%63", "-", "customer;x=1", "custom\u00e9r"
            })
    void anUnknownTypeIsNotFoundAndTheKnownOnesAreNamed(String type) {
        String encoded = type.replace("\u00e9", "%C3%A9");
        require(api.get("/v1/contexts/" + encoded + "/1"), 404, "unknown-type", "customer");
        require(api.put("/v1/contexts/" + encoded + "/1", "{}"), 404, "unknown-type", "customer");
        require(api.get("/v1/contexts/" + encoded), 404, "unknown-type", "customer");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a%2Fb|a/b",
                "a%2fb%2F|a/b/",
                "a;x=1|a;x=1",
                "a%3Bx=1|a;x=1",
                "%20a%20b|' a b'",
                "a+b|a+b",
                "a%2Bb|a+b",
                "a%25b|a%b",
                "%F0%9F%9A%80|'\ud83d\ude80'",
                "a%3Fb|a?b",
                "a%23b|a#b",
                "...|...",
                "a..|a..",
                "~a!$&'()*,=:@|'~a!$&''()*,=:@'",
                "%E2%80%A8|'\u2028'",
            })
    void anOddIdRoundTrips(String encoded, String id) {
        String odd = "/v1/contexts/inventory/" + encoded.strip();
        try (Feed feed = Stack.gateway().watch(odd)) {
            feed.awaitReady();
            Answer written = api.patch(odd, "{\"n\":\"" + encoded.hashCode() + System.nanoTime() + "\"}", WAIT);
            assertThat(written.status()).as(written.toString()).isEqualTo(200);
            assertThat(api.get(odd).body()).isEqualTo(written.body());
            assertThat(feed.await("update").key()).isEqualTo("inventory/" + id);
            Answer accepted = api.put(odd, "{}");
            assertThat(accepted.json().get("key").asString()).isEqualTo("inventory/" + id);
            // Where it says to watch is where the context is.
            try (Feed there = Stack.gateway().watch(accepted.json().get("watch").asString())) {
                there.awaitReady();
                assertThat(there.await("snapshot").key()).isEqualTo("inventory/" + id);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%00",
                "a%00b",
                "%0A",
                "%7F",
                "%C2%85",
                "%2e%2e",
                "%2E",
                "..",
                ".",
                "%",
                "%4",
                "a%zz",
                "%+1",
                "%-1",
                "%FF",
                "%C3%28",
                "%ED%A0%80",
                "%C0%AF",
                ""
            })
    void anIdThatCannotBeIsMalformed(String encoded) {
        for (String method : List.of("GET", "PUT")) {
            String answer = api.raw(method + " /v1/contexts/customer/" + encoded
                    + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 2\r\n\r\n{}");
            requireRaw(answer, 400, "malformed");
        }
    }

    private static void requireRaw(String answer, int status, String code) {
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ").containsIgnoringCase("application/problem+json");
        String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
        Problems.require(status, "application/problem+json", Api.json(body.substring(body.indexOf('{'))), code);
    }

    @Test
    void anIdHasAtMost256Bytes() {
        assertThat(api.put("/v1/contexts/customer/" + "a".repeat(256), "{}", WAIT)
                        .status())
                .isEqualTo(200);
        require(api.put("/v1/contexts/customer/" + "a".repeat(257), "{}"), 400, "malformed", "256");
        String euro = "%E2%82%AC"; // three bytes
        assertThat(api.put("/v1/contexts/customer/" + euro.repeat(85) + "a", "{}", WAIT)
                        .status())
                .isEqualTo(200);
        require(api.put("/v1/contexts/customer/" + euro.repeat(86), "{}"), 400, "malformed", "256");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a b", "a\"b", "a<b>", "a\\b", "a^b", "a`b", "a{b}", "a|b", "\u00e9", "a\u007fb", "a\u0001"})
    void anUnencodedOddCharacterInTheAddressIsMalformed(String id) {
        String answer =
                api.raw("GET /v1/contexts/customer/" + id + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void moreSegmentsThanThereAreAreNotFound() {
        require(api.get(path + "/x"), 404, "not-found", "%2F");
        require(api.get("/v1/contexts/customer/a/b/c"), 404, "not-found");
        require(api.get("/v1/context/customer/a"), 404, "not-found");
        require(api.get("/v2"), 404, "not-found");
        require(api.get("/"), 404, "not-found");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "application/xml",
                "application/x-www-form-urlencoded",
                "application/json-patch+json",
                "*/*",
                "nonsense",
                "application/",
                "application/cloudevents+json"
            })
    void anotherMediaTypeIsNotTaken(String type) {
        for (String method : List.of("PUT", "PATCH")) {
            Answer answer = api.send(method, path, "{}", "Content-Type", type);
            assertThat(answer.status()).as(answer.toString()).isEqualTo(415);
            Problems.require(answer, "unsupported-media-type");
        }
        assertThat(api.send("PATCH", path, "{}", "Content-Type", "text/plain").header("Accept-Patch"))
                .contains("application/merge-patch+json");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Prefer|wait=x",
                "Prefer|wait=-1",
                "Prefer|wait=",
                "Prefer|wait=1.5",
                "Sluice-Clock|nonsense",
                "Sluice-Clock|a=",
                "Sluice-Clock|a=-1",
                "Sluice-Clock|A=1",
                "Sluice-Clock|''",
                "Sluice-Clock|a=0",
                "Sluice-Clock|a=0, b=2",
                "Sluice-Clock|a=1;b",
                "Sluice-Clock|a=1,,b=2",
                "Sluice-Clock|a=9999999999999999",
                "Sluice-Base-Version|x",
                "Sluice-Writer|*sluice.customer-events.0",
                "Sluice-Event-Time|yesterday",
                "Sluice-Event-Time|2026-13-01T00:00:00Z",
                "Sluice-Event-Time|2026-01-01T00:00:00",
                "Idempotency-Key|''",
                "If-Match|nonsense",
                "If-Match|\"1-1",
                "If-None-Match|\"1-1\"",
            })
    void aBadHeaderIsNamed(String name, String value) {
        require(api.patch(path, "{\"a\":1}", name, value.equals("''") ? "" : value), 400, "malformed");
        assertThat(api.get(path).status()).isEqualTo(404);
    }

    @Test
    void aClockAndABaseVersionDoNotGoTogether() {
        require(
                api.patch(path, "{\"a\":1}", "Sluice-Clock", "a=3", "Sluice-Base-Version", "41"),
                400,
                "malformed",
                "one of them");
    }

    @Test
    void textsThatAreTooLongAreMalformed() {
        String longest = "k".repeat(256);
        assertThat(api.patch(path, "{\"a\":1}", with(WAIT, "Idempotency-Key", longest))
                        .status())
                .isEqualTo(200);
        for (String name : List.of("Idempotency-Key", "Sluice-Writer", "Sluice-Correlation-Id", "Sluice-Event-Type")) {
            require(api.patch(path, "{\"a\":2}", name, longest + "k"), 400, "malformed", "256");
        }
        assertThat(api.get(path).version()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"policy=sample", "policy=", "fields=a,", "x=1", "filter=state.", "lastEventID=1"})
    void aFeedWithAParameterThatIsNotKnownDoesNotBegin(String parameter) {
        for (String feed : List.of(path, "/v1/contexts/customer")) {
            Answer answer = api.get(feed + "?" + parameter, "Accept", "text/event-stream");
            require(answer, 400, "malformed");
        }
    }

    @Test
    void aMethodThatIsNotThereIsNamedWithThoseThatAre() {
        Answer post = api.post(path, "{}", "Content-Type", "application/json");
        require(post, 405, "method-not-allowed");
        assertThat(post.header("Allow").split(", ")).contains("GET", "PUT", "PATCH", "DELETE");
        assertThat(api.put("/v1/contexts/customer", "{}").header("Allow")).contains("GET");
        assertThat(api.get("/v1/events").header("Allow")).isEqualTo("POST");
        Answer put = api.put("/v1/feeds", "{}");
        require(put, 405, "method-not-allowed");
        assertThat(put.header("Allow")).isEqualTo("GET, HEAD, POST");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "malformed",
                "unknown-type",
                "not-found",
                "method-not-allowed",
                "gone",
                "condition-not-met",
                "too-large",
                "unsupported-media-type",
                "rejected",
                "internal",
                "unavailable",
                "uncertain"
            })
    void everyProblemHasAPageThatExplainsIt(String code) {
        Answer page = api.get("/problems/" + code);
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.body()).hasSizeGreaterThan(40);
        require(api.get("/problems/nonsense"), 404, "not-found");
    }

    @Test
    void halfARequestDisturbsNobody() {
        try (var socket = new java.net.Socket(api.base().getHost(), api.base().getPort())) {
            socket.getOutputStream()
                    .write(("PUT " + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                                    + "Content-Length: 10\r\n\r\n{\"a\":")
                            .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        assertThat(api.get(path).status()).isEqualTo(404);
    }
}
