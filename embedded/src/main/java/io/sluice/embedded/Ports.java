package io.sluice.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** The ports that a data folder's servers have on the loopback interface, the same over restarts as long as they are free. */
final class Ports {
    // Below the range from which Linux takes the near ends of outgoing connections: one of those would sit on a port
    // that is
    // ours, just while our server is down.
    private static final int LOWEST = 20_000;
    private static final int HIGHEST = 32_000;

    private final DataFolder folder;

    Ports(DataFolder folder) {
        this.folder = folder;
    }

    /** The port that this server had the last time, if nobody else has it now; else a free one, which it has from now on. */
    synchronized int keep(String server) {
        try {
            Map<String, String> kept = WholeFile.readMap(folder.file("ports.properties"));
            String last = kept.get(server);
            if (last != null && !taken(Integer.parseInt(last))) {
                return Integer.parseInt(last);
            }
            int free = free(kept);
            kept.put(server, Integer.toString(free));
            WholeFile.writeMap(folder.file("ports.properties"), kept);
            return free;
        } catch (IOException | NumberFormatException e) {
            throw new PartsException("The ports in " + folder.file("ports.properties") + " cannot be kept: " + e, e);
        }
    }

    /** Binds without listening: a process forked meanwhile may hold the socket a moment longer, and would be in the way. */
    static boolean taken(int port) {
        try (var socket = new Socket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private static int free(Map<String, String> kept) {
        return ThreadLocalRandom.current()
                .ints(LOWEST, HIGHEST)
                .limit(1_000)
                .filter(port -> !kept.containsValue(Integer.toString(port)) && !taken(port))
                .findFirst()
                .orElseThrow(() -> new PartsException("No port from " + LOWEST + " to " + HIGHEST + " is free"));
    }
}
