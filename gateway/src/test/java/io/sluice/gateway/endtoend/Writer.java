package io.sluice.gateway.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.endtoend.Api.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * One who writes to the contexts of a type, with a clock of its own for each: over HTTP to one of two gateways, and over Kafka.
 * What it writes is drawn from its random; what it has learned of the others depends on the time, too.
 */
final class Writer {

    private static final Pattern ENTRY = Pattern.compile("([^=, ]+)=([0-9]+)");

    private final String name;
    private final String type;
    private final List<String> contexts;
    private final Random random;
    private final AtomicReferenceArray<Api> gateways;
    private final KafkaSide kafka;
    private final Map<String, Map<String, Long>> clocks = new HashMap<>();
    private final Map<String, Long> versions = new HashMap<>();
    private final List<Event> written = new ArrayList<>();
    private int repeated;

    Writer(
            String name,
            String type,
            List<String> contexts,
            Random random,
            AtomicReferenceArray<Api> gateways,
            KafkaSide kafka) {
        this.name = name;
        this.type = type;
        this.contexts = contexts;
        this.random = random;
        this.gateways = gateways;
        this.kafka = kafka;
    }

    /** @param change as the header {@code sluice-change} names it @param causality a header and its value, or nothing */
    private record Event(
            String context,
            String id,
            String change,
            @Nullable String body,
            List<String> causality) {

        String method() {
            return switch (change) {
                case "replace" -> "PUT";
                case "delete" -> "DELETE";
                default -> "PATCH";
            };
        }

        String mediaType() {
            return change.equals("ops") ? "application/vnd.sluice.ops+json" : "application/json";
        }
    }

    /** What it has written, each as {@code <writer> <event id>}. */
    List<String> written() {
        return written.stream().map(event -> name + " " + event.id()).toList();
    }

    /** How often it had to turn to the other gateway. */
    int repeated() {
        return repeated;
    }

    /** Writes one more event, and now and then one of the last once more. */
    void write() {
        String context = contexts.get(random.nextInt(contexts.size()));
        if (random.nextInt(3) == 0) {
            learn(context);
        }
        Event event = event(context);
        written.add(event);
        send(event);
        if (random.nextInt(10) == 0) {
            send(written.get(Math.max(0, written.size() - 1 - random.nextInt(4))));
        }
    }

    private void learn(String context) {
        Answer read = atEither(api -> api.get(path(context)));
        if (read.version() > 0) {
            versions.put(context, read.version());
        }
        Matcher entries = ENTRY.matcher(Objects.requireNonNullElse(read.header("Sluice-Clock"), ""));
        while (entries.find()) {
            clock(context).merge(entries.group(1), Long.parseLong(entries.group(2)), Math::max);
        }
    }

    private Map<String, Long> clock(String context) {
        return clocks.computeIfAbsent(context, c -> new TreeMap<>());
    }

    private Event event(String context) {
        return switch (random.nextInt(20)) {
            case 0 -> event(context, "delete", null, causality(context));
            case 1 -> event(context, "replace", document(), causality(context));
            case 2, 3, 4 -> event(context, "ops", "[" + addition() + "]", causality(context));
            case 5, 6, 7 -> event(context, "ops", "[" + insertion() + "," + addition() + "]", causality(context));
            case 8, 9 -> event(context, "ops", "[" + edit() + "]", List.of());
            case 10, 11 -> event(context, "patch", "{\"owner\":\"" + name + written.size() + "\"}", causality(context));
            default -> event(context, "patch", patch(2), causality(context));
        };
    }

    private Event event(String context, String change, @Nullable String body, List<String> causality) {
        return new Event(context, "e" + written.size(), change, body, causality);
    }

    /** A clock for most, a version for some, nothing for the others. */
    private List<String> causality(String context) {
        int which = random.nextInt(10);
        if (which == 0) {
            return List.of();
        }
        if (which == 1 && versions.containsKey(context)) {
            return List.of("Sluice-Base-Version", String.valueOf(versions.get(context)));
        }
        clock(context).merge(name, 1L, Long::sum);
        return List.of(
                "Sluice-Clock",
                clock(context).entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .collect(Collectors.joining(", ")));
    }

    private String document() {
        return "{\"a\":" + leaf() + ",\"b\":" + patch(1) + ",\"visits\":" + random.nextInt(5)
                + ",\"tags\":[\"t0\",\"t1\"],\"owner\":\"" + name + "\",\"note\":\"new\"}";
    }

    private String patch(int depth) {
        List<String> members = new ArrayList<>();
        for (String member : List.of("a", "b", "c")) {
            switch (random.nextInt(5)) {
                case 0, 1 -> members.add("\"" + member + "\":" + leaf());
                case 2 -> members.add("\"" + member + "\":" + (depth == 0 ? "null" : patch(depth - 1)));
                default -> {}
            }
        }
        return "{" + String.join(",", members) + "}";
    }

    private String leaf() {
        return switch (random.nextInt(5)) {
            case 0 -> "null";
            case 1 -> "\"" + name + "\"";
            case 2 -> "[1,{\"x\":1.10}]";
            default -> String.valueOf(random.nextInt(100));
        };
    }

    private String addition() {
        return "{\"path\":\"/visits\",\"add\":" + (random.nextInt(9) - 3) + "}";
    }

    private String insertion() {
        return "{\"path\":\"/tags\",\"insert\":[\"t" + random.nextInt(4) + "\"],\"remove\":[\"t" + random.nextInt(4)
                + "\"]}";
    }

    /** At the beginning of the text, as one of its first versions had it: there is none at which that cannot be. */
    private String edit() {
        return "{\"path\":\"/note\",\"text\":[\"" + name.charAt(0) + "\"],\"revision\":" + random.nextInt(4) + "}";
    }

    private void send(Event event) {
        if (random.nextInt(3) == 0) {
            kafka.send(type + "-events", event.context(), event.body(), kafkaHeaders(event));
            return;
        }
        String[] headers = httpHeaders(event);
        atEither(api -> api.send(event.method(), path(event.context()), event.body(), headers));
    }

    private String[] httpHeaders(Event event) {
        List<String> headers = new ArrayList<>(List.of("Sluice-Writer", name, "Idempotency-Key", event.id()));
        headers.addAll(event.causality());
        headers.addAll(List.of("Prefer", random.nextBoolean() ? "wait=5" : "respond-async"));
        if (event.body() != null) {
            headers.addAll(List.of("Content-Type", event.mediaType()));
        }
        return headers.toArray(String[]::new);
    }

    private String[] kafkaHeaders(Event event) {
        List<String> headers = new ArrayList<>(List.of("sluice-writer", name, "sluice-event-id", event.id()));
        if (!event.causality().isEmpty()) {
            headers.addAll(List.of(
                    event.causality().getFirst().toLowerCase(Locale.ROOT),
                    event.causality().getLast()));
        }
        if (event.body() != null) {
            headers.addAll(List.of("sluice-change", event.change()));
        }
        return headers.toArray(String[]::new);
    }

    private String path(String context) {
        return "/v1/contexts/" + type + "/" + context;
    }

    private interface Request {
        Answer of(Api api);
    }

    /** The same again at the other gateway, as long as it is not known whether the one has it. */
    private Answer atEither(Request request) {
        int first = random.nextInt(2);
        List<Answer> tries = new ArrayList<>();
        return Objects.requireNonNull(Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> {
                            int turn = tries.size();
                            Answer answer = tried(request, gateways.get((first + turn) % 2));
                            tries.add(answer);
                            repeated += answer.status() == 0 ? 1 : 0;
                            return answer;
                        },
                        answer -> answer.status() != 0));
    }

    private static Answer tried(Request request, Api api) {
        try {
            Answer answer = request.of(api);
            assertThat(answer.status()).as(answer.toString()).isIn(200, 202, 204, 404, 409, 410, 422, 503, 504);
            return answer.status() < 500 ? answer : nothing(answer.toString());
        } catch (CompletionException e) {
            return nothing(e.toString());
        }
    }

    private static Answer nothing(String why) {
        return new Answer(0, java.net.http.HttpHeaders.of(Map.of(), (n, v) -> true), why);
    }

    /** Settings of a type in which what is written here meets every policy. */
    static List<String> types(String type) {
        List<String> settings = new ArrayList<>();
        String prefix = "--sluice.types." + type + ".";
        settings.add(prefix + "partitions=3");
        settings.add(prefix + "lane=bulk");
        settings.add(prefix + "priority=ada");
        List<String> policies =
                List.of("/visits=counter", "/tags=set", "/owner=manual", "/note=text", "/b/a=max", "/c=first");
        for (int i = 0; i < policies.size(); i++) {
            String[] policy = policies.get(i).split("=", 2);
            settings.add(prefix + "policies[" + i + "].path=" + policy[0]);
            settings.add(prefix + "policies[" + i + "].policy=" + policy[1]);
        }
        return settings;
    }
}
