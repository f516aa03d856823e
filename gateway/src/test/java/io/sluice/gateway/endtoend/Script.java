package io.sluice.gateway.endtoend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;

/** A script that is told by lines, tells by lines, each a JSON object, and ends when it is told no more. */
final class Script implements AutoCloseable {

    private final NodeClients.Running running;
    private final java.io.Writer in;

    private Script(NodeClients.Running running) {
        this.running = running;
        this.in = running.process().outputWriter(StandardCharsets.UTF_8);
    }

    static Script start(String... command) {
        return new Script(NodeClients.start(command));
    }

    void tell(String command) {
        try {
            in.write(command + "\n");
            in.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("It has ended, and said: " + running.output(), e);
        }
    }

    List<JsonNode> lines() {
        String output = running.output();
        String whole = output.substring(0, output.lastIndexOf('\n') + 1);
        return whole.lines().map(Api::json).toList();
    }

    List<JsonNode> lines(Predicate<JsonNode> which) {
        return lines().stream().filter(which).toList();
    }

    JsonNode await(String what, Predicate<JsonNode> which) {
        return Awaitility.await(what)
                .atMost(Duration.ofSeconds(30))
                .conditionEvaluationListener(condition -> {
                    if (condition.getRemainingTimeInMS() <= 0) {
                        System.out.println(running.output());
                    }
                })
                .until(() -> lines().stream().filter(which).findFirst().orElse(null), Objects::nonNull);
    }

    @Override
    public void close() {
        try {
            in.close();
            running.process().waitFor(10, TimeUnit.SECONDS);
        } catch (IOException e) {
            // It has ended before.
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            List<ProcessHandle> children = running.process().descendants().toList();
            running.close();
            children.forEach(ProcessHandle::destroyForcibly);
        }
    }
}
