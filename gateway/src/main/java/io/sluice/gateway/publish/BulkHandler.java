package io.sluice.gateway.publish;

import io.sluice.gateway.web.Bodies;
import io.sluice.resolver.UnavailableException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.channel.AbortedException;

/**
 * Takes many CloudEvents in one request. A body of lines is read no faster than Kafka takes its events, and than the client
 * takes the answers. It is read and answered on threads of its own, so that whoever brings much does not keep the event loops busy.
 */
public final class BulkHandler implements AutoCloseable {

    static final MediaType BATCH = MediaType.parseMediaType("application/cloudevents-batch+json");
    static final MediaType LINES = MediaType.APPLICATION_NDJSON;

    private static final Pattern MINIMAL =
            Pattern.compile("(?:^|,)\\s*return\\s*=\\s*\"?minimal\"?\\s*(?:[;,]|$)", Pattern.CASE_INSENSITIVE);

    /** Pieces of a body, of at most 8 KB each, that are read ahead. */
    private static final int AHEAD = 8;

    private static final long IN_FLIGHT_OF_ONE = 4 << 20;

    /**
     * @param event bytes of one
     * @param batch bytes of one
     * @param inFlight bytes that all requests together may have on their way to Kafka
     */
    public record Bounds(int event, int batch, long inFlight) {}

    private final Publisher publisher;
    private final CloudEvents events;
    private final Bounds bounds;
    private final Bodies batches;
    private final Room memory;
    private final Room inFlight;
    private final List<Scheduler> threads;
    private final AtomicInteger next = new AtomicInteger();
    private final Sinks.Empty<Void> stop = Sinks.empty();
    private volatile boolean stopped;

    public BulkHandler(Publisher publisher, CloudEvents events, Bounds bounds) {
        this.publisher = publisher;
        this.events = events;
        this.bounds = bounds;
        this.batches = new Bodies(bounds.batch());
        this.memory = new Room(4L * bounds.batch());
        this.inFlight = new Room(bounds.inFlight());
        this.threads = IntStream.range(0, Runtime.getRuntime().availableProcessors())
                .mapToObj(i -> Schedulers.newSingle("bulk-" + i, true))
                .toList();
    }

    static boolean takes(MediaType type) {
        return BATCH.equalsTypeAndSubtype(type) || LINES.equalsTypeAndSubtype(type);
    }

    Mono<ServerResponse> answer(ServerRequest request, MediaType type) {
        boolean minimal = request.headers().header("Prefer").stream()
                .anyMatch(prefer -> MINIMAL.matcher(prefer).find());
        Scheduler thread = threads.get(Math.floorMod(next.getAndIncrement(), threads.size()));
        return Mono.defer(() -> {
            Upload.Shares shares = new Upload.Shares(memory.share(Long.MAX_VALUE), inFlight.share(IN_FLIGHT_OF_ONE));
            Upload upload = new Upload(publisher, events, shares, thread, minimal);
            Mono<Flux<Part>> parts = BATCH.equalsTypeAndSubtype(type)
                    ? elements(request, shares, thread)
                    : Mono.just(lines(request, shares, thread));
            // Who has gone needs no answer, and is no fault of ours to be logged.
            return parts.flatMap(of -> response(upload.answer(of).onErrorComplete(AbortedException.class), minimal))
                    .doOnError(e -> shares.close())
                    .doOnCancel(shares::close);
        });
    }

    /** The whole batch is there before the first of its events is handed over. */
    private Mono<Flux<Part>> elements(ServerRequest request, Upload.Shares shares, Scheduler thread) {
        long announced = request.headers().contentLength().orElse(bounds.batch());
        if (announced <= bounds.batch() && !shares.memory().take(announced)) {
            throw new UnavailableException(
                    "too-many-batches", "batches: too many at once (expected: later, or as " + LINES + ")");
        }
        return batches.read(request)
                .map(body ->
                        Flux.fromIterable(Elements.of(body, bounds.event())).subscribeOn(thread));
    }

    private Flux<Part> lines(ServerRequest request, Upload.Shares shares, Scheduler thread) {
        Lines lines = new Lines(bounds.event(), shares.memory());
        return request.exchange()
                .getRequest()
                .getBody()
                .map(BulkHandler::bytes)
                .takeUntilOther(stop.asMono())
                .publishOn(thread, AHEAD)
                .concatMapIterable(lines::take, 1)
                .concatWith(Flux.defer(() -> Flux.fromIterable(stopped ? List.of(new Part.Stopped()) : lines.rest())));
    }

    /** Copied at once, so that no buffer of the server waits anywhere. */
    private static byte[] bytes(DataBuffer buffer) {
        try {
            byte[] bytes = new byte[buffer.readableByteCount()];
            buffer.read(bytes);
            return bytes;
        } finally {
            DataBufferUtils.release(buffer);
        }
    }

    private static Mono<ServerResponse> response(Flux<byte[]> lines, boolean minimal) {
        ServerResponse.BodyBuilder response =
                ServerResponse.ok().contentType(LINES).header(HttpHeaders.CACHE_CONTROL, "no-store");
        if (minimal) {
            response.header("Preference-Applied", "return=minimal");
        }
        return response.body((message, context) ->
                message.writeWith(lines.map(line -> message.bufferFactory().wrap(line))));
    }

    /** Bytes of events that are read and that Kafka has not answered yet, of all requests, about. */
    public long held() {
        return memory.held() + inFlight.held();
    }

    /** Ends requests whose body may have no end. */
    public void drain() {
        stopped = true;
        stop.tryEmitEmpty();
    }

    @Override
    public void close() {
        threads.forEach(Scheduler::dispose);
    }
}
