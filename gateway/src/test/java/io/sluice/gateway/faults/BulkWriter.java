package io.sluice.gateway.faults;

import io.sluice.gateway.faults.Ledger.Answer;
import io.sluice.gateway.faults.Ledger.Sent;
import io.sluice.resolver.Identity;
import io.sluice.resolver.Json;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/** Writes many events in one request, and again from the first on that was not confirmed, until all are. */
final class BulkWriter implements Runnable {

    private final Scene scene;
    private final Author author;
    private final Duration pace;

    BulkWriter(Scene scene, Author author, Duration pace) {
        this.scene = scene;
        this.author = author;
        this.pace = pace;
    }

    private record Line(Draft draft, Sent sent) {}

    @Override
    public void run() {
        Random random = author.random();
        while (!scene.pause(Duration.ofMillis(random.nextLong(1 + 2 * pace.toMillis())))) {
            List<Line> lines = new ArrayList<>();
            for (int i = 1 + random.nextInt(40); i > 0; i--) {
                Draft draft = author.next(false);
                lines.add(new Line(draft, scene.ledger.begin(draft.key(), draft.writer(), draft.eventId())));
            }
            write(lines);
        }
    }

    private void write(List<Line> lines) {
        int from = 0;
        int attempts = 0;
        while (from < lines.size() && !scene.isTooLate()) {
            List<Line> rest = lines.subList(from, lines.size());
            int confirmed = send(rest);
            attempts++;
            if (attempts == 1 && confirmed == lines.size()) {
                // One that was sent again may stand behind its followers.
                inOrder(lines);
            }
            from += confirmed;
            if (from < lines.size()) {
                scene.rest(Duration.ofMillis(50 + author.random().nextLong(400)));
            }
        }
        if (from < lines.size()) {
            scene.anomalies.add("never answered", "%s", lines.get(from).sent());
        }
    }

    private void inOrder(List<Line> lines) {
        Map<String, List<Identity>> byKey = lines.stream()
                .collect(Collectors.groupingBy(
                        line -> line.draft().key(),
                        Collectors.mapping(line -> line.sent().identity, Collectors.toList())));
        byKey.values().forEach(scene.ledger::inOrder);
    }

    /** @return how many of the first were confirmed without an exception among them */
    private int send(List<Line> lines) {
        lines.forEach(line -> line.sent().tries++);
        String body = lines.stream().map(line -> line.draft().cloudEvent()).collect(Collectors.joining("\n"));
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(scene.cluster.entrance(Scene.anyNode(author.random())) + "/v1/events"))
                .timeout(Duration.ofSeconds(10))
                .header("Content-Type", "application/x-ndjson")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        Answers answers = new Answers();
        scene.send(request, HttpResponse.BodyHandlers.fromLineSubscriber(answers, Answers::said, null));
        int confirmed = 0;
        boolean gap = false;
        for (String text : answers.lines) {
            ObjectNode answer = Json.TRUSTED.object(text.getBytes(StandardCharsets.UTF_8));
            if (answer.has("status") || !answer.has("index") && !answer.has("from")) {
                // The whole request was answered with a problem.
                requireRetryable(answer, answer);
                return 0;
            }
            if (answer.has("problem")) {
                requireRetryable(answer, answer.get("problem"));
                gap = true;
            } else {
                lines.get(answer.get("index").asInt()).sent().answer = new Answer.Accepted();
                confirmed += gap ? 0 : 1;
            }
        }
        return confirmed;
    }

    private void requireRetryable(ObjectNode answer, tools.jackson.databind.JsonNode problem) {
        if (!problem.path("retryable").asBoolean()) {
            scene.anomalies.add("answer that nobody expects", "many events: %s", answer);
        }
    }

    /** Keeps the lines that came, also of an answer that breaks off. */
    private static final class Answers implements Flow.Subscriber<String> {

        private final List<String> lines = new CopyOnWriteArrayList<>();

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(String line) {
            lines.add(line);
        }

        @Override
        public void onError(Throwable error) {
            // What was said before counts.
        }

        @Override
        public void onComplete() {}

        private String said() {
            return String.join("\n", lines);
        }
    }
}
