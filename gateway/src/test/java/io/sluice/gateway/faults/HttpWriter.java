package io.sluice.gateway.faults;

import io.sluice.gateway.faults.Ledger.Answer;
import io.sluice.gateway.faults.Ledger.Sent;
import io.sluice.gateway.faults.Scene.Reply;
import io.sluice.resolver.Json;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Writes one event after the other over HTTP, each until it has an answer, to whichever node. */
final class HttpWriter implements Runnable {

    private final Scene scene;
    private final Author author;
    private final Duration pace;

    HttpWriter(Scene scene, Author author, Duration pace) {
        this.scene = scene;
        this.author = author;
        this.pace = pace;
    }

    @Override
    public void run() {
        Random random = author.random();
        while (!scene.pause(Duration.ofMillis(random.nextLong(1 + 2 * pace.toMillis())))) {
            if (random.nextInt(4) == 0) {
                learn(Author.anyKey(random));
            }
            Draft draft = author.next(true);
            Sent sent = scene.ledger.begin(draft.key(), draft.writer(), draft.eventId());
            write(draft, sent);
        }
    }

    private void learn(String key) {
        Reply read = scene.send(Scene.anyNode(author.random()), "GET", Draft.path(key), null, List.of());
        if (read.status() == 200 || read.status() == 410) {
            author.learn(key, read.header("Sluice-Clock"), read.header("ETag"));
        }
    }

    private void write(Draft draft, Sent sent) {
        Random random = author.random();
        List<String> headers = new ArrayList<>(draft.httpHeaders());
        if (random.nextBoolean()) {
            headers.addAll(List.of("Prefer", "wait=3"));
        }
        while (!scene.isTooLate()) {
            sent.tries++;
            Reply reply =
                    scene.send(Scene.anyNode(random), draft.method(), Draft.path(draft.key()), draft.body(), headers);
            sent.answer = answer(reply);
            if (sent.answer != null) {
                author.learn(draft.key(), reply.header("Sluice-Clock"), reply.header("ETag"));
                return;
            }
            if (reply.status() != 0 && reply.status() != 503 && reply.status() != 504) {
                scene.anomalies.add("answer that nobody expects", "%s: %s", sent, reply);
                return;
            }
            if (!scene.over() && random.nextInt(40) == 0) {
                return; // whether it is there or not will never be known to who wrote it
            }
            scene.rest(Duration.ofMillis(50 + random.nextLong(400)));
        }
        scene.anomalies.add("never answered", "%s", sent);
    }

    private static @Nullable Answer answer(Reply reply) {
        return switch (reply.status()) {
            case 202 -> new Answer.Accepted();
            case 200, 204 ->
                new Answer.Resolved(
                        String.valueOf(reply.header("Sluice-Resolution")),
                        reply.revision(),
                        reply.status() == 204
                                ? null
                                : Version.digest(
                                        Json.TRUSTED.object(reply.body().getBytes(StandardCharsets.UTF_8))));
            case 409, 412, 422 -> new Answer.Rejected(reason(reply));
            default -> null;
        };
    }

    private static String reason(Reply reply) {
        if (reply.status() == 412) {
            return "condition-not-met";
        }
        String detail = Json.TRUSTED
                .object(reply.body().getBytes(StandardCharsets.UTF_8))
                .path("detail")
                .asString();
        return detail.substring(0, Math.max(0, detail.indexOf(':')));
    }
}
