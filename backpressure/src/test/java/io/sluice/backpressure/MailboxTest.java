package io.sluice.backpressure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

class MailboxTest {

    private final AtomicInteger drained = new AtomicInteger();
    private final Mailbox mailbox = mailbox(16, 1 << 20);

    private Mailbox mailbox(int frames, long bytes) {
        return new Mailbox(new Mailbox.Settings(frames, bytes), drained::incrementAndGet);
    }

    private static byte[] frame(int number) {
        return ByteBuffer.allocate(4).putInt(number).array();
    }

    private static int number(byte[] frame) {
        return ByteBuffer.wrap(frame).getInt();
    }

    /** A reader that takes as much as it is told to. */
    private static final class Reader extends BaseSubscriber<byte[]> {
        final List<byte[]> frames = new ArrayList<>();

        @Override
        protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {
            // Nothing is asked for yet.
        }

        @Override
        protected void hookOnNext(byte[] frame) {
            frames.add(frame);
        }

        void take(int count) {
            request(count);
        }
    }

    private static Reader reader(Mailbox mailbox) {
        Reader reader = new Reader();
        mailbox.frames().subscribe(reader);
        return reader;
    }

    private static int fill(Mailbox mailbox, int bytes) {
        int count = 0;
        while (count < 100_000 && mailbox.offer(new byte[bytes])) {
            count++;
        }
        return count;
    }

    @Test
    void framesComeInOrderAndOnlyWhenAskedFor() {
        StepVerifier.create(mailbox.frames().map(MailboxTest::number), 0)
                .then(() -> {
                    for (int i = 0; i < 5; i++) {
                        assertThat(mailbox.offer(frame(i))).isTrue();
                    }
                })
                .thenRequest(2)
                .expectNext(0, 1)
                .thenRequest(1)
                .expectNext(2)
                .then(mailbox::close)
                .thenRequest(5)
                .expectNext(3, 4)
                .verifyComplete();
    }

    @Test
    void noMoreFramesThanTheBoundWait() {
        reader(mailbox);
        assertThat(fill(mailbox, 10)).isEqualTo(16);
    }

    @Test
    void noMoreBytesThanTheBoundWait() {
        Mailbox small = mailbox(1_000, 1_024);
        Reader reader = reader(small);

        assertThat(fill(small, 100)).isEqualTo(10);
        assertThat(small.offer(new byte[24])).isTrue();
        assertThat(small.offer(new byte[1])).isFalse();
        reader.take(1);
        assertThat(small.offer(new byte[101])).isFalse();
        assertThat(small.offer(new byte[100])).isTrue();
    }

    @Test
    void oneFrameIsTakenHoweverLargeItIsWhenNothingElseWaits() {
        Mailbox small = mailbox(16, 1_024);
        Reader reader = reader(small);

        assertThat(small.offer(new byte[1_000_000])).isTrue();
        assertThat(small.isWritable()).isFalse();
        assertThat(small.offer(new byte[1])).isFalse();
        reader.take(1);
        assertThat(reader.frames).hasSize(1);
        assertThat(small.offer(new byte[1])).isTrue();
        assertThat(small.offer(new byte[1_000_000])).isFalse();
    }

    @Test
    void whatDoesNotFitIsRefusedBeforeAnybodyReadsToo() {
        assertThat(fill(mailbox, 10)).isEqualTo(16);

        Reader reader = reader(mailbox);
        reader.take(100);
        assertThat(reader.frames).hasSize(16);
    }

    @Test
    void drainedIsToldOnceAndExactlyWhenThereIsRoomAgain() {
        Reader reader = reader(mailbox);
        for (int i = 0; i < 16; i++) {
            mailbox.offer(frame(i));
        }
        assertThat(mailbox.isWritable()).isFalse();
        reader.take(11);
        assertThat(drained).hasValue(0);
        assertThat(mailbox.isWritable()).isFalse();

        reader.take(1);
        assertThat(drained).hasValue(1);
        assertThat(mailbox.isWritable()).isTrue();
        reader.take(4);
        assertThat(drained).hasValue(1);
    }

    @Test
    void drainedIsNotToldToOneWhoWasNeverRefused() {
        Reader reader = reader(mailbox);
        for (int i = 0; i < 16; i++) {
            mailbox.offer(frame(i));
        }
        reader.take(16);

        assertThat(drained).hasValue(0);
    }

    @Test
    void whatIsClearedIsNeverReadAndMakesRoom() {
        Reader reader = reader(mailbox);
        reader.take(2);
        for (int i = 0; i < 10; i++) {
            mailbox.offer(frame(i));
        }
        assertThat(mailbox.isWritable()).isFalse();
        mailbox.clear();
        assertThat(mailbox.isWritable()).isTrue();
        mailbox.offer(frame(77));
        reader.take(5);

        assertThat(reader.frames.stream().map(MailboxTest::number)).containsExactly(0, 1, 77);
    }

    @Test
    void aReaderThatHasGoneTakesEverythingAndNothingIsKept() {
        Reader reader = reader(mailbox);
        reader.cancel();

        assertThat(fill(mailbox, 1_000)).isEqualTo(100_000);
        assertThat(mailbox.isWritable()).isTrue();
    }

    @Test
    void betweenTwoThreadsNothingIsLostOrTurnedRound() {
        int count = 200_000;
        Mailbox shared = mailbox(64, 1 << 20);
        List<Integer> read = new ArrayList<>();
        shared.frames().publishOn(Schedulers.parallel(), 8).subscribe(frame -> {
            synchronized (read) {
                read.add(number(frame));
            }
        });
        for (int i = 0; i < count; i++) {
            while (!shared.offer(frame(i))) {
                Thread.onSpinWait();
            }
        }
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            synchronized (read) {
                assertThat(read).hasSize(count);
            }
        });
        for (int i = 0; i < count; i++) {
            assertThat(read.get(i)).isEqualTo(i);
        }
    }

    @Test
    void whoWaitsUntilItIsWritableIsAlwaysWokenUp() {
        int count = 20_000;
        AtomicInteger wakeUps = new AtomicInteger();
        Mailbox shared = new Mailbox(new Mailbox.Settings(16, 1 << 20), wakeUps::incrementAndGet);
        AtomicInteger read = new AtomicInteger();
        shared.frames().publishOn(Schedulers.parallel(), 2).subscribe(frame -> read.incrementAndGet());
        for (int i = 0; i < count; i++) {
            int before = wakeUps.get();
            if (!shared.isWritable()) {
                await().pollInterval(Duration.ofMillis(1))
                        .pollDelay(Duration.ZERO)
                        .atMost(Duration.ofSeconds(10))
                        .until(() -> wakeUps.get() > before);
            }
            assertThat(shared.offer(frame(i))).isTrue();
        }
        await().untilAtomic(read, org.hamcrest.Matchers.equalTo(count));
    }
}
