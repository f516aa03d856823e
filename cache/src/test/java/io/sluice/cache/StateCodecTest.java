package io.sluice.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.resolver.Cause;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Document;
import io.sluice.resolver.Identity;
import io.sluice.resolver.LogPosition;
import io.sluice.resolver.Revision;
import io.sluice.resolver.VersionVector;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StateCodecTest {

    private static final List<String> TEXTS =
            List.of("a", "crm-7", "Grüße/ü", "\u65e5\u672c", "\ud83d\ude00", "with space", "}{:", "x".repeat(200));
    private static final List<String> DOCUMENTS = List.of(
            "{}",
            "{\"z\":1,\"a\":2,\"m\":[1,2,{\"b\":null}]}",
            "{\"n\":1.10,\"e\":1E+400,\"big\":123456789012345678901234567890,\"neg\":-0.0}",
            "{ \"spaced\" : [ ] }",
            "{\"text\":\"\\u00fc\\n\"}");

    @Test
    void whatIsReadIsWhatWasWritten() {
        long seed = Long.getLong("sluice.test.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            ContextState state = state(random);
            ContextState read = StateCodec.decode(ByteBuffer.wrap(StateCodec.encode(state)));

            assertThat(read).as("-Dsluice.test.seed=%s, case %s", seed, i).isEqualTo(state);
            if (state.document() != null) {
                assertThat(read.document().json()).isEqualTo(state.document().json());
            }
        }
    }

    @Test
    void whatWasDamagedIsNotReadAndDoesNoHarm() {
        long seed = Long.getLong("sluice.test.seed", System.nanoTime());
        Random random = new Random(seed);
        int unreadable = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = StateCodec.encode(state(random));
            byte[] cut = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            assertThat(StateCodec.decode(ByteBuffer.wrap(cut)))
                    .as("-Dsluice.test.seed=%s, case %s", seed, i)
                    .isNull();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            unreadable += StateCodec.decode(ByteBuffer.wrap(bytes)) == null ? 1 : 0;
            random.nextBytes(bytes);
            bytes[0] = StateCodec.encode(state(random))[0];
            StateCodec.decode(ByteBuffer.wrap(bytes));
        }
        assertThat(unreadable).isPositive();
    }

    @Test
    void anotherFormatIsNotRead() {
        byte[] bytes = StateCodec.encode(state(new Random(1)));
        bytes[0]++;

        assertThat(StateCodec.decode(ByteBuffer.wrap(bytes))).isNull();
    }

    @Test
    void moreThanAStateIsNotRead() {
        byte[] bytes = StateCodec.encode(state(new Random(1)));

        assertThat(StateCodec.decode(ByteBuffer.wrap(Arrays.copyOf(bytes, bytes.length + 1))))
                .isNull();
    }

    @Test
    void aSmallStateTakesFewBytes() {
        ContextState state = States.state(States.key("67890"), 3);

        assertThat(StateCodec.encode(state)).hasSizeLessThan(100);
    }

    private static ContextState state(Random random) {
        return new ContextState(
                new ContextKey("default", "customer", text(random)),
                new Revision(1 + number(random), 1 + number(random)),
                random.nextInt(4) == 0
                        ? null
                        : Document.parse(pick(random, DOCUMENTS).getBytes(UTF_8)),
                clock(random),
                cause(random),
                new LogPosition(text(random), random.nextInt(), number(random), time(random)));
    }

    private static Cause cause(Random random) {
        return new Cause(
                new Identity(text(random), text(random)),
                text(random),
                time(random),
                optional(random),
                optional(random),
                optional(random),
                optional(random));
    }

    private static VersionVector clock(Random random) {
        TreeMap<String, Long> counters = new TreeMap<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            counters.put(text(random) + i, number(random));
        }
        return new VersionVector(counters);
    }

    /** As often small as large. */
    private static long number(Random random) {
        return (random.nextLong() & (Long.MAX_VALUE >> 1)) >> random.nextInt(62);
    }

    private static Instant time(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> Instant.EPOCH;
            case 1 -> Instant.MAX;
            case 2 -> Instant.MIN;
            default -> Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000));
        };
    }

    private static String text(Random random) {
        return pick(random, TEXTS);
    }

    private static @Nullable String optional(Random random) {
        return random.nextBoolean() ? null : text(random);
    }

    private static String pick(Random random, List<String> from) {
        return from.get(random.nextInt(from.size()));
    }
}
