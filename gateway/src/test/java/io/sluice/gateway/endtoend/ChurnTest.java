package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Clients that come and go as fast as they can, and what they leave behind. */
@EndToEnd
class ChurnTest {

    private static final int ROUNDS = 60;
    private static final int CLIENTS = 25;

    @Test
    void aLostBufferIsFound() {
        try (Leaks leaks = Leaks.watch()) {
            Leaks.lose();
            Awaitility.await().until(() -> !leaks.found().isEmpty());
            assertThat(leaks.found().getFirst()).contains("ByteBuf.release() was not called");
        }
    }

    @Test
    void nothingIsLeftOfClientsThatComeAndGo() {
        long seed = Long.getLong("sluice.test.seed", System.nanoTime());
        System.out.println("churn: seed " + seed);
        Random random = new Random(seed);
        String id = Stack.fresh("churn");
        String path = "/v1/contexts/churn/" + id;
        AtomicBoolean over = new AtomicBoolean();
        try (Leaks leaks = Leaks.watch();
                Gateway gateway = Stack.another("--sluice.roles=publish,feed")) {
            // Else the first feeds of the type would have no snapshot of it.
            assertThat(gateway.api().put(path, "{\"n\":-1}", WAIT).version()).isEqualTo(1);
            CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
                for (int i = 0; !over.get(); i++) {
                    gateway.api().put(path, "{\"n\":" + i + ",\"x\":\"" + "x".repeat(2_000) + "\"}", WAIT);
                }
            });
            try (Feed witness = gateway.watch(path + "?policy=every")) {
                for (int round = 0; round < ROUNDS; round++) {
                    List<Visitor> visitors = new ArrayList<>();
                    for (int i = 0; i < CLIENTS; i++) {
                        visitors.add(visitor(gateway, path, id, random));
                    }
                    for (Visitor visitor : visitors) {
                        if (!visitor.gets().isEmpty() && random.nextInt(3) > 0) {
                            visitor.socket().readUntil(visitor.gets());
                        }
                        visitor.socket().close();
                    }
                }
                over.set(true);
                Api.await(writing);
                Awaitility.await().until(() -> gateway.meter("sluice_subscribers") == 1);
                assertThat(gateway.meter("sluice_feeds_views")).isEqualTo(1);
                long last = gateway.api().get(path).version();
                witness.awaitVersion("churn/" + id, last);
                WatchTest.requireExact(witness, "churn/" + id, last);
            } finally {
                over.set(true);
            }
            Awaitility.await().until(() -> gateway.meter("sluice_subscribers") == 0);
            assertThat(gateway.meter("sluice_feeds_views")).isZero();
            assertThat(gateway.meter("sluice_waiting_bytes")).isZero();
            assertThat(leaks.found()).isEmpty();
        }
    }

    /** @param gets what it will be told; empty: nothing */
    private record Visitor(RawSocket socket, String gets) {}

    private static Visitor visitor(Gateway gateway, String path, String id, Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> new Visitor(RawSocket.feed(gateway, path), "event: update");
            case 1 -> new Visitor(RawSocket.feed(gateway, "/v1/contexts/churn"), "event: snapshot");
            case 2 ->
                new Visitor(
                        RawSocket.feed(gateway, "/v1/feeds?key=churn/" + id + "&type=lonely&policy=sample:10ms"),
                        "event: ready");
            case 3 ->
                new Visitor(RawSocket.feed(gateway, path + "?lastEventId=" + random.nextInt()), "event: snapshot");
            case 4 -> {
                RawSocket socket = RawSocket.webSocket(gateway);
                socket.readUntil("\r\n\r\n");
                socket.send(RawSocket.text(
                        "{\"id\":1,\"connect\":{}}\n{\"id\":2,\"subscribe\":{\"channel\":\"churn:" + id + "\"}}",
                        random));
                yield new Visitor(socket, "\"push\"");
            }
            default -> new Visitor(new RawSocket(gateway).send("GET " + path + " HTTP/1.1\r\nAccept: text/ev"), "");
        };
    }
}
