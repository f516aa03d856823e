package io.sluice.gateway.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.server.WebFilter;
import reactor.blockhound.BlockingOperationError;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.NonBlocking;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** That these tests would see it if a thread were made to wait that must not. */
@EndToEnd
class BlockingTest {

    /** What waits, and what is said of it. */
    enum Wait {
        FOR_A_LOCK("Unsafe#park") {
            @Override
            void here() {
                try {
                    new CountDownLatch(1).await(1, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        },
        FOR_A_FILE("FileInputStream#read") {
            @Override
            void here() {
                try (InputStream file = new FileInputStream("pom.xml")) {
                    assertThat(file.read()).isNotNegative();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        },
        FOR_A_PROCESS("ProcessImpl#forkAndExec") {
            @Override
            void here() {
                try {
                    new ProcessBuilder("true").start().waitFor();
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        };

        private final String named;

        Wait(String named) {
            this.named = named;
        }

        abstract void here();
    }

    /** Gateways that wait when a request asks for it. */
    @Configuration(proxyBeanMethods = false)
    static class Waiting {

        @Bean
        WebFilter waits() {
            return (exchange, next) -> {
                String wait = exchange.getRequest().getHeaders().getFirst("Wait");
                if (wait != null) {
                    Wait.valueOf(wait).here();
                }
                return next.filter(exchange);
            };
        }
    }

    private static Gateway gateway;

    @BeforeAll
    static void start() {
        gateway = Stack.another("--sluice.roles=publish,feed", "--spring.main.sources=" + Waiting.class.getName());
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @ParameterizedTest
    @EnumSource(Wait.class)
    void whatWaitsOnAnEventLoopIsFound(Wait wait) {
        assertThat(gateway.api()
                        .get("/v1/contexts/customer", "Wait", wait.name())
                        .status())
                .isEqualTo(500);
        requireFound(wait);
    }

    @ParameterizedTest
    @EnumSource(Wait.class)
    void whatWaitsOnAThreadLikeTheHubsIsFound(Wait wait) {
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> thread.getName().startsWith("hub-"))
                .isNotEmpty()
                .allMatch(NonBlocking.class::isInstance);
        Scheduler like = Schedulers.newSingle("like-the-hub");
        try {
            assertThatThrownBy(() ->
                            Mono.fromRunnable(wait::here).subscribeOn(like).block())
                    .hasStackTraceContaining(BlockingOperationError.class.getSimpleName());
        } finally {
            like.dispose();
        }
        requireFound(wait);
    }

    private static void requireFound(Wait wait) {
        assertThatThrownBy(Blocking::requireNone)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(wait.named)
                .hasMessageContaining(Wait.class.getName());
    }
}
