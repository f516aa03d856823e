package io.sluice.backpressure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.backpressure.HubWorld.Client;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.LogPosition;
import io.sluice.resolver.Partition;
import io.sluice.resolver.UnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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
        world = new HubWorld(new Random(1), partitions, HubWorld.settings(ringUpdates));
        return world;
    }

    private static ContextKey key(String id) {
        return Fixtures.key(Fixtures.CUSTOMER, id);
    }

    private static final Selection ALL = new Selection.OfType(ContextKey.DEFAULT_TENANT, "customer");

    private Client one(String id) {
        return new Client(world, new Selection.One(key(id)), 64);
    }

    private Client all() {
        return new Client(world, ALL, 64);
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
        Client client = new Client(world, ALL, 1_024).join();
        world.answerAll();
        client.read(100);
        client.leave();
        for (int i = 0; i < 4_000; i++) {
            world.happen(key("k" + i % 100));
        }
        world.announceAll();
        Client again = new Client(world, ALL, 1_024).resume(client.places.getLast());
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
    void aReaderThatFallsBehindIsToldAndBeginsAnew() {
        world(1, 100);
        Client client = new Client(world, ALL, 16).join();
        world.answerAll();
        client.read(1);
        for (int i = 0; i < 40; i++) {
            world.happen(key("k" + i % 3));
            world.announceAll();
        }
        world.answerAll();
        client.read(1_000);
        world.answerAll();
        client.read(1_000);

        client.check();
        assertThat(words(client)).contains("reset overrun").last().isEqualTo("ready 3");
        assertThat(client.held()).isEqualTo(world.now(ALL));
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
                new LogRecord(place, Fixtures.bytes("anna"), Fixtures.bytes("garbage"), first.headers()),
                new LogRecord(place, Fixtures.bytes("anna"), Fixtures.bytes("{\"version\":0}"), first.headers()),
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
    void aFeedThatCannotBeReadEndsAfterAFewTries() {
        world(1, 100);
        Client client = one("anna").join();
        for (int i = 0; i < 4; i++) {
            await().until(() -> world.questions() == 1);
            world.question(0).fail().accept(new UnavailableException("store-unavailable", "away"));
        }
        client.read(100);
        await().until(() -> client.ended);
        assertThat(client.frames).isEmpty();
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
        try (HubWorld some = new HubWorld(random, partitions, HubWorld.settings(random.nextInt(30)))) {
            List<ContextKey> keys = IntStream.range(0, 2 + random.nextInt(12))
                    .mapToObj(i -> key("k" + i))
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
                here.forEach(client -> client.request(1_000));
                some.settle();
                if (some.questions() == 0 && here.stream().allMatch(client -> client.ready)) {
                    break;
                }
            }
            for (Client client : here) {
                client.check();
                assertThat(client.ready)
                        .as("%s ready: %s", client.selection, client.frames)
                        .isTrue();
                assertThat(client.held()).isEqualTo(some.now(client.selection));
            }
        }
    }

    private static void step(
            Random random, HubWorld world, List<ContextKey> keys, List<Client> here, List<Client.Place> places) {
        ContextKey key = keys.get(random.nextInt(keys.size()));
        Partition partition = world.type.partitionOf(key.id());
        switch (random.nextInt(16)) {
            case 0, 1, 2, 3 -> world.happen(partition, key, random.nextInt(5) > 0, random.nextInt(5) == 0);
            case 4, 5, 6 -> world.announce(partition, 1 + random.nextInt(4));
            case 7 -> world.announceAgain(partition, random.nextInt(world.announced.get(partition) + 1));
            case 8, 9, 10 -> {
                if (world.questions() > 0) {
                    world.answer(random.nextInt(world.questions()));
                }
            }
            case 11, 12 -> here.add(newcomer(random, world, key, places));
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

    private static Client newcomer(Random random, HubWorld world, ContextKey key, List<Client.Place> places) {
        Selection selection = random.nextBoolean() ? ALL : new Selection.One(key);
        if (places.isEmpty() || random.nextInt(3) == 0) {
            return new Client(world, selection, 16).join();
        }
        Client.Place place = places.get(random.nextInt(places.size()));
        return new Client(world, random.nextInt(5) == 0 ? selection : place.selection(), 16).resume(place);
    }
}
