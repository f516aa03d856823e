package io.sluice.gateway.publish;

import io.sluice.backpressure.ContextTypes;
import io.sluice.backpressure.OutRecord;
import io.sluice.gateway.web.Problem;
import io.sluice.resolver.ContextEvent;
import io.sluice.resolver.Json;
import io.sluice.resolver.UncertainException;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SynchronousSink;
import reactor.core.scheduler.Scheduler;

/**
 * The events of one request on their way into the log, in order and some of them at the same time. Once Kafka has not confirmed
 * one, nothing more is handed over: what comes later must not be written before it. Everything happens on one thread.
 */
final class Upload {

    private static final Logger log = LoggerFactory.getLogger(Upload.class);

    /** So many are on their way at most. What is said of them fits into a connection whose client does not read yet. */
    private static final int WINDOW = 256;

    private static final Duration PAUSE = Duration.ofMillis(5);

    /** So long Kafka may be away, or take nothing, before an event is refused, and all behind it. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** @param memory of what is not yet handed over @param inFlight of what is */
    record Shares(Room.Share memory, Room.Share inFlight) implements AutoCloseable {
        @Override
        public void close() {
            memory.close();
            inFlight.close();
        }
    }

    private final Publisher publisher;
    private final CloudEvents events;
    private final ContextTypes types;
    private final Shares shares;
    private final Scheduler thread;
    private final boolean minimal;

    private long read;
    private long accepted;
    private long unconfirmed = -1;
    private boolean behind;
    private boolean told;

    /** @param thread one only @param minimal whether nothing is said of what was accepted, but at the end how many */
    Upload(Publisher publisher, CloudEvents events, Shares shares, Scheduler thread, boolean minimal) {
        this.publisher = publisher;
        this.events = events;
        this.types = events.types();
        this.shares = shares;
        this.thread = thread;
        this.minimal = minimal;
    }

    private sealed interface Step {
        record Ready(long index, String eventId, OutRecord record, int held) implements Step {}

        record Refused(long index, Problem problem) implements Step {}

        /** The first of those that are not looked at. */
        record Behind(long index, String why) implements Step {}
    }

    /** @param problem null: the log has the event */
    private record Outcome(
            String member,
            long index,
            String eventId,
            @Nullable Problem problem) {}

    /**
     * The lines of the answer.
     *
     * @param parts on the thread of this upload
     */
    Flux<byte[]> answer(Flux<Part> parts) {
        return parts.<Step>handle(this::read)
                .concatMap(this::awaitRoom, 1)
                .flatMapSequential(this::handOver, WINDOW, 1)
                .publishOn(thread, WINDOW)
                .<byte[]>handle(this::line)
                .concatWith(Mono.fromSupplier(this::sum).filter(sum -> minimal))
                .doFinally(signal -> shares.close());
    }

    private void read(Part part, SynchronousSink<Step> sink) {
        if (part instanceof Part.Stopped) {
            sink.next(new Step.Behind(read, "this node stops (expected: the same on another one, from there on)"));
            return;
        }
        long index = read++;
        if (unconfirmed < 0) {
            sink.next(step(index, part));
            return;
        }
        if (part instanceof Part.Event event) {
            shares.memory().give(event.held());
        }
        if (!behind) {
            behind = true;
            sink.next(new Step.Behind(index, afterUnconfirmed()));
        }
    }

    private String afterUnconfirmed() {
        return "event " + unconfirmed + " was not confirmed (expected: all again, from that one on)";
    }

    private Step step(long index, Part part) {
        if (part instanceof Part.Refused refused) {
            return new Step.Refused(index, refused.problem());
        }
        Part.Event event = (Part.Event) part;
        try {
            ContextEvent read = events.structured(event.json());
            OutRecord record = publisher.record(read, types.ofKey(read.key()));
            return new Step.Ready(index, read.identity().eventId(), record, event.held());
        } catch (RuntimeException e) {
            shares.memory().give(event.held());
            return new Step.Refused(index, problem(e));
        }
    }

    private static Problem problem(Throwable e) {
        Problem problem = Problem.of(e);
        if (problem.kind() == Problem.Kind.INTERNAL) {
            log.error("An event of many failed", e);
        }
        return problem;
    }

    /** Whoever has the room gives it back, and Kafka comes back or not: every wait ends. */
    private Mono<Step> awaitRoom(Step step) {
        long since = System.nanoTime();
        if (!(step instanceof Step.Ready ready) || mayGo(ready, since)) {
            return Mono.just(step);
        }
        return Mono.fromSupplier(() -> mayGo(ready, since))
                .filter(may -> may)
                .repeatWhenEmpty(tries -> tries.delayElements(PAUSE, thread))
                .thenReturn(step);
    }

    private boolean mayGo(Step.Ready ready, long since) {
        boolean waits =
                unconfirmed < 0 && !publisher.takes(ready.record()) && System.nanoTime() - since < PATIENCE.toNanos();
        return !waits && shares.inFlight().take(ready.record().bytes());
    }

    private Mono<Outcome> handOver(Step step) {
        return switch (step) {
            case Step.Behind later -> behind(later.index(), later.why());
            case Step.Refused refused ->
                unconfirmed < 0 ? refuse(refused) : behind(refused.index(), afterUnconfirmed());
            case Step.Ready ready -> {
                shares.memory().give(ready.held());
                if (unconfirmed >= 0) {
                    shares.inFlight().give(ready.record().bytes());
                    yield behind(ready.index(), afterUnconfirmed());
                }
                yield append(ready);
            }
        };
    }

    private Mono<Outcome> refuse(Step.Refused refused) {
        if (refused.problem().kind().isRetryable()) {
            unconfirmed = refused.index();
        }
        return Mono.just(new Outcome("index", refused.index(), "", refused.problem()));
    }

    private Mono<Outcome> append(Step.Ready ready) {
        int bytes = ready.record().bytes();
        return publisher
                .append(ready.record())
                .doFinally(signal -> shares.inFlight().give(bytes))
                .publishOn(thread)
                .thenReturn(new Outcome("index", ready.index(), ready.eventId(), null))
                .onErrorResume(e -> Mono.just(failed(ready.index(), ready.eventId(), e)));
    }

    private Outcome failed(long index, String eventId, Throwable e) {
        Problem problem = e instanceof UncertainException ? problem(e).ofEvent(eventId) : problem(e);
        if (problem.kind().isRetryable()) {
            unconfirmed = unconfirmed < 0 ? index : Math.min(unconfirmed, index);
        }
        return new Outcome("index", index, eventId, problem);
    }

    private Mono<Outcome> behind(long index, String why) {
        if (told) {
            return Mono.empty();
        }
        told = true;
        return Mono.just(new Outcome(
                "from",
                index,
                "",
                Problem.of(Problem.Kind.UNAVAILABLE, "nothing from here on was handed over: " + why)));
    }

    private void line(Outcome outcome, SynchronousSink<byte[]> sink) {
        var line = Json.newObject().put(outcome.member(), outcome.index());
        if (outcome.problem() != null) {
            sink.next(ended(Json.bytes(line.set("problem", outcome.problem().object()))));
            return;
        }
        accepted++;
        if (!minimal) {
            sink.next(ended(Json.bytes(line.put("eventId", outcome.eventId()))));
        }
    }

    private byte[] sum() {
        return ended(Json.bytes(Json.newObject().put("accepted", accepted).put("rejected", read - accepted)));
    }

    private static byte[] ended(byte[] json) {
        byte[] line = Arrays.copyOf(json, json.length + 1);
        line[json.length] = '\n';
        return line;
    }
}
