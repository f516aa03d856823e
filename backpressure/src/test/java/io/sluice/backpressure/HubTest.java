package io.sluice.backpressure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.backpressure.HubWorld.Client;
import io.sluice.backpressure.HubWorld.Remainder;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Document;
import io.sluice.resolver.LogPosition;
import io.sluice.resolver.NoLongerKeptException;
import io.sluice.resolver.Partition;
import io.sluice.resolver.UnavailableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
class HubTest {

    private HubWorld world;

    @AfterEach
    void stop() {
        if (world != null) {
            world.close();
        }
    }

    private HubWorld world(int partitions, int ringUpdates) {
        return world(partitions, ringUpdates, 1_024);
    }

    private HubWorld world(int partitions, int ringUpdates, int maxFrames) {
        world = new HubWorld(new Random(1), partitions, HubWorld.settings(ringUpdates, maxFrames));
        return world;
    }

    private static ContextKey key(String id) {
        return Fixtures.key(Fixtures.CUSTOMER, id);
    }

    private static final Selection ALL = new Selection.OfType(ContextKey.DEFAULT_TENANT, "customer");

    private Client one(String id) {
        return new Client(world, new Selection.One(key(id)), DeliveryPolicy.EVERY, 64);
    }

    private Client all() {
        return new Client(world, ALL, DeliveryPolicy.EVERY, 64);
    }

    /** The words of the frames, without their cursors. */
    private static List<String> words(Client client) {
        return client.frames.stream()
                .map(frame -> frame.substring(frame.indexOf(' ') + 1).replaceAll(" \\d+ \\d+$", ""))
                .toList();
    }

    @Test
    void aFeedIsASnapshotThenReadyThenEveryChange() {
        world(1, 100);
        world.happen(key("anna"));
        world.announceAll();
        Client client = one("anna").join();
        world.answerAll();
        world.happen(key("anna"));
        world.happen(key("bert"));
        world.announceAll();
        client.read(100);

        assertThat(words(client)).containsExactly("snapshot anna 1-1", "ready 1", "update anna 1-2");
    }

    @Test
    void aContextThatWasNeverWrittenIsWatchedToo() {
        world(1, 100);
        Client client = one("anna").join();
        world.answerAll();
        world.happen(key("anna"));
        world.announceAll();
        client.read(100);

        assertThat(words(client)).containsExactly("ready 0", "update anna 1-1");
    }

    @Test
    void readyWaitsUntilTheTailHasWhatTheSnapshotHad() {
        world(1, 100);
        world.happen(key("anna"));
        world.announceAll();
        world.happen(key("anna"));
        Client client = one("anna").join();
        world.happen(key("anna"));
        world.answerAll();
        client.read(100);
        assertThat(words(client)).hasSize(1).allMatch(frame -> frame.startsWith("snapshot"));

        world.announceAll();
        client.read(100);
        client.check();
        assertThat(words(client)).contains("ready 1").last().isIn("ready 1", "update anna 1-3");
    }

    @Test
    void anUpdateIsEncodedOnceHoweverManyWatch() {
        world(1, 100);
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            clients.add(one("anna").join());
            clients.add(all().join());
        }
        world.answerAll();
        world.happen(key("anna"));
        world.happen(key("anna"));
        world.announceAll();
        clients.forEach(client -> client.read(100));

        assertThat(clients).allSatisfy(client -> {
            client.check();
            assertThat(words(client)).containsExactly("ready 0", "update anna 1-1", "update anna 1-2");
        });
        assertThat(world.encoded).hasValue(2);
    }

    @Test
    void whatIsAnnouncedAgainGoesNowhere() {
        world(1, 100);
        Client client = one("anna").join();
        world.answerAll();
        world.happen(key("anna"));
        world.happen(key("anna"));
        world.announceAll();
        world.announceAgain(world.type.allPartitions().getFirst(), 0);
        client.read(100);

        client.check();
        assertThat(words(client)).hasSize(3);
    }

    @Test
    void anAnnouncementThatCannotBeReadIsSkippedByWhoWatchesAndByWhoComesBack() {
        world(1, 100);
        Client gone = one("anna").join();
        Client client = one("anna").join();
        world.answerAll();
        gone.read(100);
        gone.leave();
        LogRecord record = world.record(world.happen(key("anna")));
        byte[] nothing = "{}".getBytes(StandardCharsets.UTF_8);
        world.tell(List.of(new LogRecord(record.position(), record.key(), nothing, record.headers())));
        world.happen(key("anna"));
        world.announceAll();
        client.read(100);
        Client again = one("anna").resume(gone.places.getLast());
        again.read(100);
        world.settle();
        again.read(100);

        assertThat(words(client)).containsExactly("ready 0", "update anna 1-2");
        assertThat(words(again)).containsExactly("update anna 1-2", "ready -1");
        assertThat(world.questions()).isZero();
    }

    @Test
    void whoComesBackGetsExactlyWhatWasMissed() {
        world(1, 100);
        Client client = one("anna").join();
        world.answerAll();
        client.read(100);
        client.leave();
        for (int i = 0; i < 10; i++) {
            world.happen(key("anna"));
            world.happen(key("bert"));
        }
        world.announceAll();
        Client again = one("anna").resume(client.places.getLast());
        again.read(100);

        again.check();
        assertThat(world.questions()).isZero();
        assertThat(words(again)).hasSize(11).startsWith("update anna 1-1").endsWith("update anna 1-10", "ready -1");
    }

    @Test
    void whoMissedMoreThanAMailboxHoldsStillGetsEachChange() {
        world(1, 5_000);
        Client client = new Client(world, ALL, DeliveryPolicy.EVERY, 64).join();
        world.answerAll();
        client.read(100);
        client.leave();
        for (int i = 0; i < 4_000; i++) {
            world.happen(key("k" + i % 100));
        }
        world.announceAll();
        Client again = new Client(world, ALL, DeliveryPolicy.EVERY, 64).resume(client.places.getLast());
        for (int i = 0; i < 100 && !again.ready; i++) {
            again.read(200);
        }

        again.check();
        assertThat(again.resets).isZero();
        assertThat(again.ready).isTrue();
        assertThat(again.frames).hasSize(4_001);
    }

    @Test
    void whoComesFromANodeThatKnewOfMoreEventsIsReadyAtOnce() {
        world(1, 100);
        Partition partition = world.type.allPartitions().getFirst();
        world.happen(key("anna"));
        world.announceAll();
        // The other node began when these were stored: they are never announced, since nothing visible changed.
        world.happen(partition, key("anna"), false, false);
        world.happen(partition, key("anna"), false, false);
        Client known = one("anna").join();
        world.answerAll();
        known.read(100);
        Cursor here = Cursor.parse(known.places.getLast().cursor(), 1).orElseThrow();
        String there = new Cursor(here.selection(), here.issued(), true, new long[] {3}).text();
        Client client = one("anna")
                .resume(new Client.Place(
                        known.selection,
                        Filter.NONE,
                        there,
                        here.issued(),
                        true,
                        known.places.getLast().seen()));
        world.answerAll();
        client.read(100);
        client.check();
        assertThat(words(client)).containsExactly("ready -1");

        world.happen(key("anna"));
        world.happen(key("anna"));
        world.announceAll();
        client.read(100);
        client.check();
        assertThat(words(client)).containsExactly("ready -1", "update anna 1-2", "update anna 1-3");
    }

    @Test
    void aCursorThatCannotBeUsedGivesAResetAndASnapshot() {
        world(2, 100);
        world.happen(key("anna"));
        world.announceAll();
        Client client = one("anna").join();
        world.answerAll();
        client.read(100);
        String good = client.places.getLast().cursor();
        for (String garbage : List.of("x", "0", good + "A", good.substring(1), " ", "ä", "A".repeat(100_000))) {
            Client lost = one("anna").resumeWithGarbage(garbage);
            world.answerAll();
            lost.read(100);
            lost.check();
            assertThat(words(lost)).containsExactly("reset cursor-foreign", "snapshot anna 1-1", "ready 1");
        }
        Client foreign = all().resume(client.places.getLast());
        world.answerAll();
        foreign.read(100);
        foreign.check();
        assertThat(words(foreign).getFirst()).isEqualTo("reset cursor-foreign");

        Client incomplete = one("anna").resume(client.places.getFirst());
        world.answerAll();
        incomplete.read(100);
        incomplete.check();
        assertThat(words(incomplete).getFirst()).isEqualTo("reset cursor-expired");

        world.now = world.now.plus(Duration.ofMinutes(61));
        Client late = one("anna").resume(client.places.getLast());
        world.answerAll();
        late.read(100);
        late.check();
        assertThat(words(late)).containsExactly("reset cursor-expired", "snapshot anna 1-1", "ready 1");
    }

    @Test
    void aCursorOfTheFarFutureDoesNoHarm() {
        world(1, 100);
        Client client = one("anna").join();
        world.answerAll();
        client.read(100);
        int selection =
                Cursor.parse(client.places.getLast().cursor(), 1).orElseThrow().selection();
        for (java.time.Instant issued : List.of(
                java.time.Instant.ofEpochSecond(java.time.Instant.MAX.getEpochSecond()),
                java.time.Instant.ofEpochSecond(0))) {
            Client odd = one("anna").join(new Cursor(selection, issued, true, new long[] {0}).text());
            world.answerAll();
            odd.read(100);
            assertThat(odd.frames).isNotEmpty();
        }
    }

    @Test
    void whoWantsEveryChangeAndFallsBehindIsToldAndBeginsAnew() {
        world(1, 100, 16);
        Client client = new Client(world, ALL, DeliveryPolicy.EVERY, 4).join();
        world.answerAll();
        client.read(1);
        for (int i = 0; i < 40; i++) {
            world.happen(key("k" + i % 3));
            world.announceAll();
        }
        client.read(1_000);
        world.answerAll();
        client.read(1_000);

        client.check();
        assertThat(words(client)).contains("reset overrun").last().isEqualTo("ready 3");
        assertThat(client.held()).isEqualTo(world.now(ALL));
        assertThat(world.budget.held()).isZero();
    }

    @Test
    void whoFallsBehindGetsTheLatestWordOfEachContextWhole() {
        world(1, 100, 16);
        Client client = new Client(world, ALL, DeliveryPolicy.CONFLATE, 4).join();
        world.answerAll();
        client.read(1);
        for (int i = 0; i < 60; i++) {
            world.happen(key("k" + i % 3));
            world.announceAll();
        }
        assertThat(client.waiting()).isEqualTo(4);
        assertThat(world.budget.held()).isPositive();
        client.read(1_000);

        client.check();
        assertThat(words(client))
                .endsWith("whole k1 1-20", "whole k2 1-20", "whole k0 1-20")
                .hasSize(1 + 4 + 3);
        assertThat(client.frames.subList(5, 7)).allMatch(frame -> frame.startsWith("- "));
        assertThat(client.held()).isEqualTo(world.now(ALL));
        assertThat(world.budget.held()).isZero();

        client.leave();
        Client again = new Client(world, ALL, DeliveryPolicy.CONFLATE, 4).resume(client.places.getLast());
        again.read(10);
        again.check();
        assertThat(words(again)).containsExactly("ready -1");
    }

    @Test
    void whoSamplesGetsTheLatestWordOfEachContextInAnInterval() {
        world(1, 100);
        Client client = new Client(world, ALL, new DeliveryPolicy.Sample(Duration.ofSeconds(1)), 64).join();
        world.answerAll();
        for (int i = 0; i < 60; i++) {
            world.happen(key("k" + i % 3));
            world.announceAll();
        }
        await().until(() -> client.waiting() == 4);
        client.read(10);
        client.check();
        assertThat(words(client)).containsExactly("ready 0", "whole k0 1-20", "whole k1 1-20", "whole k2 1-20");
    }

    @Test
    void whatComesWhileALoopIsBusyGoesOutInOneWrite() throws Exception {
        world(1, 100);
        Client client = all().join();
        world.answerAll();
        client.read(1);
        int writes = client.writes;
        CountDownLatch busy = new CountDownLatch(1);
        world.loop.execute(() -> {
            try {
                busy.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        for (int i = 0; i < 20; i++) {
            world.happen(key("k" + i));
        }
        world.announceWithoutWaiting();
        CountDownLatch hubIsThrough = new CountDownLatch(1);
        world.hub.execute(hubIsThrough::countDown);
        hubIsThrough.await();
        busy.countDown();
        world.settle();

        assertThat(client.writes).isEqualTo(writes + 1);
        client.read(100);
        client.check();
        assertThat(words(client)).hasSize(21);
    }

    @Test
    void whoHoldsTooMuchOfWhatMayWaitInTheProcessBeginsAnew() {
        world(1, 100);
        world.budget.hold((1 << 30) - 500);
        Client client = new Client(world, ALL, DeliveryPolicy.CONFLATE, 2).join();
        world.answerAll();
        for (int i = 0; i < 20; i++) {
            world.happen(key("k" + i));
            world.announceAll();
        }
        assertThat(world.budget.isTight()).isTrue();
        for (int i = 0; i < 5; i++) {
            client.read(100);
            world.answerAll();
        }
        client.read(100);

        client.check();
        assertThat(client.resets).isPositive();
        assertThat(client.held()).isEqualTo(world.now(ALL));
        assertThat(world.budget.held()).isEqualTo((1 << 30) - 500);
    }

    @Test
    void aRecordThatIsNoAnnouncementIsSkippedAndTheNextOneArrives() {
        world(1, 100);
        Client client = one("anna").join();
        world.answerAll();
        LogRecord first = world.record(world.happen(key("anna")));
        LogRecord second = world.record(world.happen(key("anna")));
        LogPosition place = first.position();
        world.tell(List.of(
                new LogRecord(place, Fixtures.bytes("anna"), Fixtures.bytes("garbage"), Headers.NONE),
                new LogRecord(place, null, first.value(), first.headers()),
                first,
                second));
        client.read(100);

        client.check();
        assertThat(words(client)).containsExactly("ready 0", "update anna 1-1", "update anna 1-2");
    }

    @Test
    void aTailThatLostItsPlaceMakesEverybodyBeginAnew() {
        world(1, 100);
        Client client = one("anna").join();
        world.answerAll();
        client.read(100);
        world.happen(key("anna"));
        world.repositionTail();
        world.answerAll();
        client.read(100);

        client.check();
        assertThat(words(client)).containsExactly("ready 0", "reset rebuilt", "snapshot anna 1-1", "ready 1");
    }

    @Test
    void whenStatesWereMadeAgainEverybodyBeginsAnewOnceAndThenGoesOn() {
        world(2, 100);
        world.happen(key("anna"));
        world.announceAll();
        Client one = one("anna").join();
        Client all = all().join();
        world.answerAll();
        one.read(100);
        all.read(100);
        OutRecord notice = RebuiltNotice.of(world.types.ofKey(key("anna")), Instant.EPOCH);
        LogPosition place = new LogPosition(notice.topic(), 0, 7, Instant.EPOCH);
        world.tell(List.of(new LogRecord(place, notice.key(), notice.value(), notice.headers())));
        world.answerAll();
        world.happen(key("anna"));
        world.announceAll();

        for (Client client : List.of(one, all)) {
            client.read(100);
            client.check();
            assertThat(words(client))
                    .containsExactly(
                            "snapshot anna 1-1",
                            "ready 1",
                            "reset rebuilt",
                            "snapshot anna 1-1",
                            "ready 1",
                            "update anna 1-2");
        }
    }

    @Test
    void aFeedThatCannotBeReadEndsAfterAFewTries() {
        world(1, 100);
        Client client = one("anna").join();
        for (int i = 0; i < 4; i++) {
            await().until(() -> world.questions() == 1);
            world.question(0).fail().accept(new UnavailableException("store-unavailable", "away"));
        }
        client.read(100);
        await().until(() -> client.ended);
        client.read(100);
        assertThat(client.frames).containsExactly("- goodbye");
    }

    @Test
    void whoStandsBeforeWhatIsStillKeptBeginsAnew() {
        world(1, 0);
        Client.Place place = one("anna").join().place();
        world.happen(key("anna"));
        world.announceAll();
        Client late = one("anna").resume(place);
        late.expectedReset = "cursor-expired";
        await().until(() -> world.questions() == 1);
        world.question(0).fail().accept(new NoLongerKeptException("dropped", Instant.EPOCH));
        await().until(() -> world.questions() == 1);
        world.answerAll();
        late.read(100);

        late.check();
        assertThat(words(late)).containsExactly("reset cursor-expired", "snapshot anna 1-1", "ready 1");
    }

    @Test
    void whoBeginsAnewWhileAReadIsUnderWayThatFailsGoesOn() {
        world(1, 100);
        Client client = one("anna").join();
        world.happen(key("anna"));
        world.repositionTail();
        client.read(100);
        for (int i = 0; i < 4; i++) {
            await().until(() -> world.questions() == 1);
            world.question(0).fail().accept(new UnavailableException("store-unavailable", "away"));
        }
        await().until(() -> world.questions() == 1);
        world.answerAll();
        client.read(100);

        client.check();
        assertThat(words(client)).containsExactly("reset rebuilt", "snapshot anna 1-1", "ready 1");
    }

    @Test
    void thousandsWhoComeBackAtOnceShareWhatIsReadAndEncoded() {
        world(3, 0);
        Client first = all().join();
        world.answerAll();
        first.read(100);
        Client.Place place = first.places.getLast();
        first.leave();
        for (int i = 0; i < 60; i++) {
            world.happen(key("k" + i % 20));
        }
        world.announceAll();
        int before = world.reads.get();
        List<Client> all = IntStream.range(0, 3_000)
                .mapToObj(i -> new Client(world, ALL, DeliveryPolicy.EVERY, 256).resume(place))
                .toList();
        world.answerAll();

        all.forEach(client -> client.read(100));
        assertThat(all).allSatisfy(client -> {
            client.check();
            assertThat(client.frames).hasSize(61);
            assertThat(client.ready).isTrue();
            assertThat(client.held()).isEqualTo(world.now(ALL));
        });
        assertThat(world.reads.get() - before)
                .as("pages of one to five, and three that are empty")
                .isBetween(12, 66);
        assertThat(world.encoded).hasValue(60);
    }

    @Test
    void thousandsWhoComeAtOnceShareTheSnapshotUntilTheTailBringsAChange() {
        world(2, 100);
        for (int i = 0; i < 50; i++) {
            world.happen(key("k" + i));
        }
        world.announceAll();
        List<Client> all = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            all.add(new Client(world, ALL, DeliveryPolicy.EVERY, 256).join());
        }
        assertThat(world.questions()).isEqualTo(1);
        world.happen(key("new"));
        world.announceAll();
        for (int i = 0; i < 1_000; i++) {
            all.add(new Client(world, ALL, DeliveryPolicy.EVERY, 256).join());
        }
        assertThat(world.questions())
                .as("one that may be without the change, and one that is not")
                .isEqualTo(2);
        world.answerAll();

        all.forEach(client -> client.read(100));
        assertThat(all).allSatisfy(client -> {
            client.check();
            assertThat(client.ready).isTrue();
            assertThat(client.held()).isEqualTo(world.now(ALL));
        });
        assertThat(world.reads).as("pages of one to five, twice").hasValueLessThan(110);
    }

    @Test
    void whoJoinsAReadThatIsOlderThanWhatTheTailBroughtMissesNothing() {
        for (int round = 0; round < 20; round++) {
            world(1, 0);
            Client.Place place = one("anna").join().place();
            world.happen(key("anna"));
            world.announceAll();
            Client early = one("anna").resume(place);
            world.happen(key("anna"));
            world.announceAll();
            Client late = one("anna").resume(place);
            assertThat(world.questions()).isEqualTo(1);
            world.happen(key("anna"));
            world.announceAll();
            world.answerAll();

            for (Client client : List.of(early, late)) {
                client.read(100);
                client.check();
                assertThat(words(client)).contains("update anna 1-1", "update anna 1-2", "update anna 1-3", "ready -1");
                assertThat(client.frames).hasSize(4);
            }
            world.close();
        }
    }

    @Test
    void aReadThatFailsIsMadeAnewForWhoComesAfterIt() {
        world(1, 0);
        Client.Place place = one("anna").join().place();
        world.happen(key("anna"));
        world.announceAll();
        List<Client> unlucky = List.of(one("anna").resume(place), one("anna").resume(place));
        for (int i = 0; i < 4; i++) {
            await().until(() -> world.questions() == 1);
            world.question(0).fail().accept(new UnavailableException("down", "The database is away"));
        }
        await().until(() -> unlucky.stream().allMatch(client -> client.ended));

        Client lucky = one("anna").resume(place);
        assertThat(world.questions()).isEqualTo(1);
        world.answerAll();
        lucky.read(100);
        lucky.check();
        assertThat(words(lucky)).containsExactly("update anna 1-1", "ready -1");
    }

    @Test
    void aFeedOfSeveralHasEachOfThemAndNothingElse() {
        world(2, 100);
        ContextKey order = Fixtures.key(world.second, "one");
        world.happen(key("anna"));
        world.happen(key("bert"));
        world.happen(order);
        world.announceAll();
        Selection both = Selection.of(
                ContextKey.DEFAULT_TENANT, List.of(key("anna"), key("carl")), new TreeSet<>(List.of("order")));
        Client client = new Client(world, both, DeliveryPolicy.EVERY, 64).join();
        world.answerAll();
        world.happen(key("carl"));
        world.happen(key("bert"));
        world.announceAll();
        world.happen(order);
        world.announceAll();
        client.read(100);
        client.check();
        assertThat(words(client).stream()
                        .map(word -> word.replaceAll(" \\S+ \\d+$", ""))
                        .toList())
                .containsExactly(
                        "snapshot anna 1-1", "snapshot one 1-1", "ready 2", "update carl 1-1", "update one 1-2");
    }

    private static final Filter EVEN = new Remainder(2, 0, false);

    @Test
    void aFilteredFeedHasWhatItHoldsOfAndSaysWhatLeavesIt() {
        world(1, 100);
        for (int i = 0; i < 3; i++) {
            world.happen(key("k" + i)); // n: 0, 1, 2
        }
        world.announceAll();
        Client client = new Client(world, ALL, EVEN, DeliveryPolicy.EVERY, 64).join();
        world.answerAll();
        world.happen(world.types.partitionOf(key("k0")), key("k0"), false, false); // 3
        world.happen(key("k1")); // 4: was not in, comes in
        world.happen(world.types.partitionOf(key("k0")), key("k0"), false, false); // 5
        world.happen(key("k1")); // 6: stays
        world.happen(key("k3")); // 7: never was in, though nobody can say so of the next
        world.happen(key("k1")); // 8
        world.happen(key("k1")); // 9: leaves
        world.happen(world.types.partitionOf(key("k1")), key("k1"), true, true); // 10: was not in
        world.happen(world.types.partitionOf(key("k2")), key("k2"), true, true); // 11: was in, for all that is known
        world.announceAll();
        client.read(100);
        client.check();
        assertThat(words(client))
                .containsExactly(
                        "snapshot k0 1-1",
                        "snapshot k2 1-1",
                        "ready 2",
                        "whole k1 1-2",
                        "update k1 1-3",
                        "update k1 1-4",
                        "removed k1 customer",
                        "deleted k2 1-2");
    }

    @Test
    void whatLeavesTakesThePlaceOfWhatWaits() {
        world(1, 100);
        Client client = new Client(world, ALL, EVEN, DeliveryPolicy.CONFLATE, 1).join();
        world.answerAll();
        world.happen(key("k0")); // 0: goes nowhere, since ready is in the way
        world.happen(key("k1")); // 1
        world.happen(key("k2")); // 2
        world.announceAll();
        world.happen(world.types.partitionOf(key("k0")), key("k0"), false, false); // 3
        world.happen(key("k2")); // 4: stays
        world.happen(key("k0")); // 5: leaves
        world.announceAll();
        client.read(100);
        client.check();
        assertThat(words(client)).containsExactly("ready 0", "removed k0 customer", "whole k2 1-2");
        assertThat(client.held()).isEqualTo(world.now(ALL, EVEN));
    }

    @Test
    void aCursorOfAnotherFilterIsForeign() {
        world(1, 100);
        world.happen(key("k0"));
        world.announceAll();
        Client client = new Client(world, ALL, EVEN, DeliveryPolicy.EVERY, 64).join();
        world.answerAll();
        client.read(100);
        for (Filter other : List.of(Filter.NONE, new Remainder(2, 1, false))) {
            Client foreign = new Client(world, ALL, other, DeliveryPolicy.EVERY, 64).resume(client.places.getLast());
            world.answerAll();
            foreign.read(100);
            foreign.check();
            assertThat(words(foreign).getFirst()).isEqualTo("reset cursor-foreign");
        }
        Client same = new Client(world, ALL, new Remainder(2, 0, false), DeliveryPolicy.EVERY, 64)
                .resume(client.places.getLast());
        same.read(100);
        same.check();
        assertThat(words(same)).containsExactly("ready -1");
    }

    @Test
    void aFilterIsAskedOnceHoweverManyWatch() {
        world(1, 100);
        AtomicInteger asked = new AtomicInteger();
        Filter counting = new Filter() {
            @Override
            public String name() {
                return "counting";
            }

            @Override
            public boolean holds(ContextState state, Document before) {
                asked.incrementAndGet();
                return true;
            }

            @Override
            public Before heldBefore(ContextUpdate update, Document before) {
                return Before.HELD;
            }
        };
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            clients.add(new Client(world, ALL, counting, DeliveryPolicy.EVERY, 64).join());
            clients.add(new Client(world, new Selection.One(key("anna")), counting, DeliveryPolicy.EVERY, 64).join());
        }
        world.answerAll();
        world.happen(key("anna"));
        world.happen(key("anna"));
        world.announceAll();
        clients.forEach(client -> client.read(100));
        assertThat(asked).hasValue(2);
        clients.forEach(client -> assertThat(words(client)).hasSize(3));
    }

    @Test
    void closingEndsEveryFeed() {
        world(1, 100);
        Client live = one("anna").join();
        world.answerAll();
        Client early = all().join();
        live.read(100);
        early.read(100);
        world.hub.close();
        world.hub.close();

        await().until(() -> live.ended && early.ended);
    }

    @Test
    void whoeverJoinsWheneverMissesNothingAndSeesNothingTwice() throws Exception {
        Seeds.repeat(150, this::schedule);
    }

    private void schedule(Random random) {
        int partitions = 1 + random.nextInt(3);
        try (HubWorld some = new HubWorld(random, partitions, HubWorld.settings(random.nextInt(30), 16))) {
            List<ContextKey> keys = IntStream.range(0, 2 + random.nextInt(12))
                    .mapToObj(i -> Fixtures.key(i % 4 == 3 ? some.second : some.type, "k" + i))
                    .toList();
            List<Client> here = new ArrayList<>();
            List<Client.Place> places = new ArrayList<>();
            for (int step = 0; step < 150; step++) {
                step(random, some, keys, here, places);
                here.forEach(Client::check);
            }
            for (int i = 0; i < 200; i++) {
                some.announceAll();
                some.answerAll();
                here.forEach(client -> client.read(1_000));
                boolean all = here.stream()
                        .allMatch(client ->
                                client.ready && client.held().equals(some.now(client.selection, client.filter)));
                if (some.questions() == 0 && all) {
                    break;
                }
            }
            for (Client client : here) {
                client.check();
                assertThat(client.ready)
                        .as("%s ready: %s", client.selection, client.frames)
                        .isTrue();
                assertThat(client.held())
                        .as(() -> client.selection + " " + client.filter + " " + client.frames)
                        .isEqualTo(some.now(client.selection, client.filter));
            }
        }
    }

    private static void step(
            Random random, HubWorld world, List<ContextKey> keys, List<Client> here, List<Client.Place> places) {
        ContextKey key = keys.get(random.nextInt(keys.size()));
        Partition partition = world.types.partitionOf(key);
        switch (random.nextInt(16)) {
            case 0, 1, 2, 3 -> world.happen(partition, key, random.nextInt(5) > 0, random.nextInt(5) == 0);
            case 4, 5, 6 -> world.announce(partition, 1 + random.nextInt(4));
            case 7 -> world.announceAgain(partition, random.nextInt(world.announced.get(partition) + 1));
            case 8, 9, 10 -> {
                if (world.questions() > 0) {
                    world.answer(random.nextInt(world.questions()));
                }
            }
            case 11, 12 -> here.add(newcomer(random, world, keys, places));
            case 13, 14 -> {
                if (!here.isEmpty()) {
                    here.get(random.nextInt(here.size())).read(1 + random.nextInt(8));
                }
            }
            default -> {
                if (!here.isEmpty() && random.nextInt(3) > 0) {
                    Client leaver = here.remove(random.nextInt(here.size()));
                    leaver.leave();
                    places.addAll(leaver.places);
                } else if (random.nextInt(6) == 0) {
                    world.repositionTail();
                } else {
                    world.now = world.now.plus(Duration.ofMinutes(random.nextInt(20)));
                }
            }
        }
        here.forEach(client ->
                places.addAll(client.places.subList(Math.max(0, client.places.size() - 1), client.places.size())));
    }

    private static Client newcomer(Random random, HubWorld world, List<ContextKey> keys, List<Client.Place> places) {
        Selection selection = selection(random, keys);
        DeliveryPolicy policy = switch (random.nextInt(4)) {
            case 0 -> DeliveryPolicy.EVERY;
            case 1 -> new DeliveryPolicy.Sample(Duration.ofMillis(1));
            default -> DeliveryPolicy.CONFLATE;
        };
        int room = 1 + random.nextInt(6);
        Filter filter = filter(random);
        if (places.isEmpty() || random.nextInt(3) == 0) {
            return new Client(world, selection, filter, policy, room).join();
        }
        Client.Place place = places.get(random.nextInt(places.size()));
        return (random.nextInt(5) == 0
                        ? new Client(world, selection, filter, policy, room)
                        : new Client(world, place.selection(), place.filter(), policy, room))
                .resume(place);
    }

    private static Filter filter(Random random) {
        return random.nextInt(3) == 0 ? Filter.NONE : new Remainder(2, random.nextInt(2), random.nextInt(3) == 0);
    }

    private static Selection selection(Random random, List<ContextKey> keys) {
        if (random.nextInt(3) == 0) {
            return ALL;
        }
        List<ContextKey> some =
                keys.stream().filter(key -> random.nextInt(3) == 0).toList();
        TreeSet<String> types = new TreeSet<>();
        if (random.nextInt(4) == 0) {
            types.add("order");
        }
        return some.isEmpty() && types.isEmpty()
                ? new Selection.One(keys.get(random.nextInt(keys.size())))
                : Selection.of(ContextKey.DEFAULT_TENANT, some, types);
    }
}
