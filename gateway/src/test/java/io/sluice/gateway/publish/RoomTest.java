package io.sluice.gateway.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RoomTest {

    @Test
    void togetherTheyHoldNoMoreThanThereIsAndOneNoMoreThanItsShare() {
        Room room = new Room(100);
        Room.Share one = room.share(60);
        Room.Share two = room.share(100);
        assertThat(one.take(50)).isTrue();
        assertThat(one.take(11)).isFalse();
        assertThat(two.take(51)).isFalse();
        assertThat(two.take(50)).isTrue();
        assertThat(room.held()).isEqualTo(100);
        one.give(20);
        assertThat(two.take(20)).isTrue();
    }

    @Test
    void whatIsLargerThanAllOfItComesInAlone() {
        Room room = new Room(100);
        Room.Share one = room.share(10);
        assertThat(one.take(200)).isTrue();
        assertThat(room.share(10).take(1)).isFalse();
        one.give(200);
        assertThat(room.held()).isZero();
    }

    @Test
    void aShareThatIsClosedHasGivenAllBackAndTakesNothing() {
        Room room = new Room(100);
        Room.Share one = room.share(100);
        one.take(30);
        one.close();
        one.give(30);
        one.close();
        assertThat(room.held()).isZero();
        assertThat(one.take(1)).isFalse();
    }

    @Test
    void whenAllAreGoneNothingIsHeldWhoeverGaveWhat() {
        Room room = new Room(1_000);
        List<CompletableFuture<Void>> all = IntStream.range(0, 8)
                .mapToObj(i -> CompletableFuture.runAsync(() -> {
                    Random random = new Random(i);
                    for (int round = 0; round < 1_000; round++) {
                        try (Room.Share share = room.share(500)) {
                            for (int step = 0; step < 20; step++) {
                                int bytes = random.nextInt(200);
                                if (share.take(bytes) && random.nextBoolean()) {
                                    share.give(bytes);
                                }
                                assertThat(room.held()).isBetween(0L, 1_000L);
                            }
                        }
                    }
                }))
                .toList();
        all.forEach(CompletableFuture::join);
        assertThat(room.held()).isZero();
    }
}
