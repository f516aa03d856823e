package io.sluice.gateway.endtoend;

import java.net.URI;

/** Stands between clients and a gateway, and ends their connections as it is told. */
final class Relay implements AutoCloseable {

    private final Script script;
    private final URI base;

    private Relay(Script script) {
        this.script = script;
        this.base = URI.create("http://127.0.0.1:"
                + script.await("its port", line -> line.has("port"))
                        .path("port")
                        .asInt());
    }

    static Relay to(Gateway gateway, long seed) {
        return new Relay(Script.start(
                "node",
                "relay.mjs",
                String.valueOf(gateway.base().getPort()),
                String.valueOf(1 + Math.floorMod(seed, 2_000_000_000L))));
    }

    URI base() {
        return base;
    }

    /** Each connection, those that there are at once, others after so many bytes from the gateway. */
    void tear(int least, int most) {
        script.tell("{\"tear\":[" + least + "," + most + "]}");
    }

    /** All connections, and answers new ones with that status. */
    void refuse(int status) {
        script.tell("{\"refuse\":" + status + "}");
    }

    /** Until one has been answered so whose target has that in it. */
    void awaitRefused(String target) {
        script.await(
                "refused " + target, line -> line.path("refused").asString("").contains(target));
    }

    void let() {
        script.tell("{}");
    }

    void awaitTorn(int connections) {
        script.await(connections + " torn", line -> line.path("torn").asInt(0) == connections);
    }

    @Override
    public void close() {
        script.close();
    }
}
