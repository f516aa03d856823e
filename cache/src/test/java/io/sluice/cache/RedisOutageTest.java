package io.sluice.cache;

import static io.sluice.cache.States.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.embedded.PartsProcess;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Partition;
import io.sluice.resolver.UnavailableException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

@ExtendWith(NoBlocking.class)
class RedisOutageTest {

    private static final FarSettings SETTINGS = new FarSettings(
            Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofMillis(100));

    private final Partition partition = new Partition("customer-events", 0);
    private final ContextState anna = States.state(key("anna"), partition, 1, 4);
    private final CountedEvents events = new CountedEvents();

    @TempDir
    private Path folder;

    private PartsProcess redis;
    private FarCache far;

    @AfterEach
    void stop() {
        if (far != null) {
            far.close().block();
        }
        if (redis != null) {
            redis.close();
        }
    }

    private String start() {
        redis = TestRedis.start(folder);
        return TestRedis.url(redis);
    }

    private boolean finds() {
        Found found = far.find(anna.key(), partition, 10)
                .subscribeOn(Schedulers.parallel())
                .block();
        return found != null && anna.equals(found.state());
    }

    private void store(long from, long next) {
        StepVerifier.create(far.store(partition, from, next, List.of(anna))).verifyComplete();
    }

    @Test
    void aRedisThatComesAndGoesAndComesAgainIsPassedByAndUsedAgainByItself() {
        String url = start();
        redis.close();
        far = FarCache.guarded(FarCache.redis(url, SETTINGS), SETTINGS, events);
        assertThat(finds()).as("not there at the start").isFalse();
        assertThat(events.count("bypassed FAR")).isPositive();

        start();
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            store(0, 10);
            return finds();
        });

        redis.close();
        assertThat(finds()).as("gone").isFalse();
        store(10, 20);

        start();
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            store(20, 30);
            return finds();
        });
    }

    @Test
    void moreCallsThanAllowedAreRefusedAtOnceAndLetInAgainWhenOthersHaveEnded() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            RedisLink link = new RedisLink(
                    "redis://127.0.0.1:" + silent.getLocalPort(),
                    FarAccess.asInUrl(),
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(20));
            Mono<byte[]> call = link.call(Script.named("find"), new byte[0][]);
            Disposable waiting = Flux.range(0, RedisLink.MAX_CALLS)
                    .flatMap(i -> call, RedisLink.MAX_CALLS)
                    .subscribe();

            StepVerifier.create(call)
                    .expectErrorMessage(
                            "Redis does not answer: java.lang.IllegalStateException: calls: 10000 (expected: fewer)")
                    .verify(Duration.ofSeconds(1));
            waiting.dispose();
            StepVerifier.create(call)
                    .expectSubscription()
                    .expectNoEvent(Duration.ofMillis(50))
                    .thenCancel()
                    .verify();
            link.close().block();
        }
    }

    @Test
    void aConnectionOnWhichNothingComesBackIsGivenUpForANewOne() throws IOException {
        URI real = URI.create(start());
        try (SilentProxy proxy = new SilentProxy(real.getHost(), real.getPort())) {
            RedisLink link = new RedisLink(
                    "redis://127.0.0.1:" + proxy.port(),
                    FarAccess.asInUrl(),
                    Duration.ofMillis(200),
                    Duration.ofMillis(500));
            Script find = Script.named("find");
            byte[][] keys = {Entry.key(partition, anna.key()), Entry.markKey(partition)};
            byte[][] arguments = {"0".getBytes(), "1".getBytes(), "1000".getBytes()};
            assertThat(link.call(find, keys, arguments).block()).isNotNull();

            proxy.silence();
            StepVerifier.create(link.call(find, keys, arguments)).verifyError(UnavailableException.class);
            await().atMost(Duration.ofSeconds(10))
                    .until(() ->
                            link.call(find, keys, arguments).onErrorComplete().block() != null);
            assertThat(proxy.connections()).isEqualTo(2);
            link.close().block();
        }
    }
}
