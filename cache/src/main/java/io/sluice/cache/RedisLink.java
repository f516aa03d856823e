package io.sluice.cache;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.UnavailableException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The one connection to Redis: made when it is first needed, tried again by every call until it stands, found again by itself
 * when it breaks, and given up for a new one when nothing has come back on it for a while (a peer that has vanished without a
 * word breaks no connection for many minutes). While there is none, calls fail at once.
 */
final class RedisLink {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
    /** The way to Redis, then the handshake. */
    private static final Duration MAX_CONNECTING = CONNECT_TIMEOUT.multipliedBy(2);

    private static final Duration MAX_RECONNECT_DELAY = Duration.ofSeconds(2);
    private static final long CLOSE_MILLIS = 2_000;

    /** Calls that wait for an answer; more are refused. */
    static final int MAX_CALLS = 10_000;

    private final RedisURI uri;
    private final ClientResources resources;
    private final RedisClient client;
    private final AtomicReference<@Nullable Line> current = new AtomicReference<>();
    private final AtomicInteger calls = new AtomicInteger();
    private final Duration maxSilence;
    private volatile boolean closed;

    /** A connection, or the attempt to make one. */
    private static final class Line {
        final CompletableFuture<StatefulRedisConnection<byte[], byte[]>> connection = new CompletableFuture<>();

        /** When the first call was made that has not been answered; 0: all were. */
        final AtomicLong unanswered = new AtomicLong();

        boolean isUsable(Duration maxSilence) {
            long since = unanswered.get();
            boolean silent = since != 0 && System.nanoTime() - since > maxSilence.toNanos();
            return !silent && !connection.isCompletedExceptionally();
        }

        void drop() {
            connection.thenAccept(StatefulRedisConnection::closeAsync);
        }
    }

    /**
     * @param timeout of one call
     * @param maxSilence so long may a connection leave a call unanswered before it is given up
     */
    RedisLink(String url, FarAccess access, Duration timeout, Duration maxSilence) {
        this.maxSilence = maxSilence;
        this.uri = RedisAccess.uri(url, access, CONNECT_TIMEOUT);
        this.resources = ClientResources.builder()
                .ioThreadPoolSize(2)
                .computationThreadPoolSize(2)
                .reconnectDelay(Delay.exponential(Duration.ofMillis(10), MAX_RECONNECT_DELAY, 2, TimeUnit.MILLISECONDS))
                .build();
        this.client = RedisClient.create(resources, uri);
        client.setOptions(ClientOptions.builder()
                .sslOptions(RedisAccess.tls(access, CONNECT_TIMEOUT))
                .autoReconnect(true)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(CONNECT_TIMEOUT)
                        .keepAlive(true)
                        .build())
                .timeoutOptions(TimeoutOptions.builder().fixedTimeout(timeout).build())
                .maintNotificationsConfig(MaintNotificationsConfig.disabled())
                .build());
    }

    /**
     * Has Redis run a script; empty: it returned nothing. Errors are {@link UnavailableException}s with the code
     * {@code cache-unavailable}. Answers come on a thread of the connection.
     */
    Mono<byte[]> call(Script script, byte[][] keys, byte[]... arguments) {
        return Mono.defer(this::enter)
                .flatMap(line -> answer(line, script, keys, arguments).doFinally(end -> calls.decrementAndGet()))
                .onErrorMap(e -> new UnavailableException("cache-unavailable", "Redis does not answer: " + e, e));
    }

    /** See {@link FarCache#probe}. */
    Mono<Void> probe() {
        return Mono.defer(() -> Mono.fromFuture(line().connection.copy()))
                .flatMap(connection -> connection.reactive().ping())
                .then()
                .timeout(CONNECT_TIMEOUT)
                .onErrorResume(e -> Mono.justOrEmpty(refusal(e)).flatMap(Mono::error));
    }

    /** Null: it may be otherwise the next time. */
    private @Nullable MalformedException refusal(Throwable e) {
        String at = uri.getHost() + ":" + uri.getPort();
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            String said = String.valueOf(cause.getMessage());
            if (cause instanceof SSLHandshakeException || cause instanceof CertificateException) {
                return malformed("sluice.redis.root-certificate: does not vouch for Redis at " + at + ": " + said
                        + " (expected: a file with the certificate that its own is signed by)");
            }
            if (said.startsWith("WRONGPASS")
                    || said.startsWith("NOAUTH")
                    || said.startsWith("NOPERM")
                    || said.startsWith("ERR AUTH")) {
                return malformed("sluice.redis.password: Redis at " + at + " does not take it: " + said
                        + " (expected: the one that goes with sluice.redis.user)");
            }
        }
        return null;
    }

    private static MalformedException malformed(String problem) {
        return new MalformedException("malformed-setting", problem);
    }

    Mono<Void> close() {
        return Mono.fromCompletionStage(() -> {
                    closed = true;
                    return client.shutdownAsync(0, CLOSE_MILLIS, TimeUnit.MILLISECONDS);
                })
                .then(Mono.create(sink -> resources
                        .shutdown(0, CLOSE_MILLIS, TimeUnit.MILLISECONDS)
                        .addListener(done -> sink.success())));
    }

    private Mono<byte[]> answer(Line line, Script script, byte[][] keys, byte[][] arguments) {
        return Mono.fromFuture(() -> line.connection.copy()) // to cancel is to stop waiting, not to stop connecting
                .flatMap(connection -> run(connection, script, keys, arguments))
                .doOnSubscribe(s -> line.unanswered.compareAndSet(0, System.nanoTime() | 1))
                .doOnSuccess(answer -> line.unanswered.set(0))
                .doOnError(e -> !(e instanceof RedisCommandTimeoutException), e -> line.unanswered.set(0));
    }

    private static Mono<byte[]> run(
            StatefulRedisConnection<byte[], byte[]> connection, Script script, byte[][] keys, byte[][] arguments) {
        var commands = connection.reactive();
        return commands.<byte[]>evalsha(script.digest(), ScriptOutputType.VALUE, keys, arguments)
                .onErrorResume(
                        RedisNoScriptException.class,
                        e -> commands.eval(script.text(), ScriptOutputType.VALUE, keys, arguments))
                .singleOrEmpty();
    }

    /** Of the driver's own bound every call would have to take a lock; and it does not count those who wait to be connected. */
    private Mono<Line> enter() {
        if (closed) {
            return Mono.error(new IllegalStateException("closed"));
        }
        if (calls.incrementAndGet() > MAX_CALLS) {
            calls.decrementAndGet();
            return Mono.error(new IllegalStateException("calls: " + MAX_CALLS + " (expected: fewer)"));
        }
        return Mono.just(line());
    }

    private Line line() {
        Line known = current.get();
        if (known != null && known.isUsable(maxSilence)) {
            return known;
        }
        Line fresh = new Line();
        Line witness = current.compareAndExchange(known, fresh);
        if (witness != null && witness != known) {
            return witness;
        }
        if (known != null) {
            known.drop();
        }
        connect(fresh);
        return fresh;
    }

    private void connect(Line line) {
        line.connection.orTimeout(MAX_CONNECTING.toMillis(), TimeUnit.MILLISECONDS);
        try {
            client.connectAsync(ByteArrayCodec.INSTANCE, uri).whenComplete((connection, error) -> {
                if (error != null) {
                    line.connection.completeExceptionally(error);
                } else if (!line.connection.complete(connection)) {
                    connection.closeAsync();
                }
            });
        } catch (RuntimeException e) {
            line.connection.completeExceptionally(e);
        }
    }
}
