package io.sluice.gateway.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.resolver.MalformedException;
import io.sluice.resolver.UnavailableException;
import io.sluice.resolver.UncertainException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The numbers that clients act on. */
class CodesTest {

    private static <T> List<T> constants(Class<?> holder, Class<T> type) {
        List<T> constants = new ArrayList<>();
        for (Field field : holder.getDeclaredFields()) {
            if (field.getType() == type && Modifier.isStatic(field.getModifiers())) {
                try {
                    constants.add(type.cast(field.get(null)));
                } catch (IllegalAccessException e) {
                    throw new AssertionError(e);
                }
            }
        }
        return constants;
    }

    @Test
    void errorsHaveTheCodesOfTheProtocol() {
        assertThat(constants(Errors.class, ErrorReply.class).stream().filter(error -> error.code() < 400))
                .containsExactly(
                        new ErrorReply(100, "internal server error", true),
                        new ErrorReply(101, "unauthorized", false),
                        new ErrorReply(102, "unknown channel", false),
                        new ErrorReply(103, "permission denied", false),
                        new ErrorReply(104, "method not found", false),
                        new ErrorReply(105, "already subscribed", false),
                        new ErrorReply(106, "limit exceeded", false),
                        new ErrorReply(107, "bad request", false),
                        new ErrorReply(108, "not available", false),
                        new ErrorReply(109, "token expired", false),
                        new ErrorReply(110, "expired", false),
                        new ErrorReply(111, "too many requests", true),
                        new ErrorReply(112, "unrecoverable position", false),
                        new ErrorReply(113, "concurrent pagination", true));
    }

    @Test
    void disconnectsHaveTheCodesOfTheProtocol() {
        assertThat(constants(Disconnects.class, Disconnect.class))
                .containsExactly(
                        new Disconnect(3000, "connection closed"),
                        new Disconnect(3001, "shutdown"),
                        new Disconnect(3004, "internal server error"),
                        new Disconnect(3005, "connection expired"),
                        new Disconnect(3006, "subscription expired"),
                        new Disconnect(3008, "slow"),
                        new Disconnect(3009, "write error"),
                        new Disconnect(3010, "insufficient state"),
                        new Disconnect(3011, "force reconnect"),
                        new Disconnect(3012, "no pong"),
                        new Disconnect(3013, "too many requests"),
                        new Disconnect(3014, "state invalidated"),
                        new Disconnect(3500, "invalid token"),
                        new Disconnect(3501, "bad request"),
                        new Disconnect(3502, "stale"),
                        new Disconnect(3503, "force disconnect"),
                        new Disconnect(3504, "connection limit"),
                        new Disconnect(3505, "channel limit"),
                        new Disconnect(3506, "inappropriate protocol"),
                        new Disconnect(3507, "permission denied"),
                        new Disconnect(3508, "not available"),
                        new Disconnect(3509, "too many errors"));
    }

    @Test
    void clientsComeBackAfterTheLowerHalfOfEachThousand() {
        assertThat(constants(Disconnects.class, Disconnect.class))
                .allSatisfy(why -> assertThat(why.reconnects()).isEqualTo(why.code() < 3500));
        assertThat(new Disconnect(4000, "").reconnects()).isTrue();
        assertThat(new Disconnect(4499, "").reconnects()).isTrue();
        assertThat(new Disconnect(4500, "").reconnects()).isFalse();
        assertThat(new Disconnect(4999, "").reconnects()).isFalse();
    }

    @Test
    void clientsSubscribeAgainFrom2500() {
        assertThat(constants(Unsubscribed.class, Unsubscribed.class))
                .containsExactly(
                        new Unsubscribed(2000, "server unsubscribe"),
                        new Unsubscribed(2500, "insufficient state"),
                        new Unsubscribed(2501, "subscription expired"),
                        new Unsubscribed(2502, "state invalidated"))
                .allSatisfy(why -> assertThat(why.resubscribes()).isEqualTo(why.code() >= 2500));
    }

    @Test
    void codesAndReasonsAreThoseOfACloseFrame() {
        assertThatThrownBy(() -> new Disconnect(2999, "")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Disconnect(5000, "")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Disconnect(4000, "x".repeat(124))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Unsubscribed(1, "")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void failuresAreToldByTheirKind() {
        assertThat(Errors.of(new MalformedException("x", "key: 1")))
                .isEqualTo(new ErrorReply(107, "bad request: key: 1", false));
        assertThat(Errors.of(new UnavailableException("x", "full"))).isEqualTo(new ErrorReply(503, "full", true));
        assertThat(Errors.of(new UncertainException("x", "who knows", new RuntimeException())))
                .isEqualTo(new ErrorReply(504, "who knows", true));
        assertThat(Errors.of(new ErrorReply(412, "no", false).failure())).isEqualTo(new ErrorReply(412, "no", false));
        assertThat(Errors.of(new IllegalStateException("secret"))).isEqualTo(Errors.INTERNAL);
    }
}
