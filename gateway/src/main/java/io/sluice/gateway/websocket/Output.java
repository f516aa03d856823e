package io.sluice.gateway.websocket;

import java.util.ArrayList;
import java.util.List;

/** What a client is told, in order. What is said while a frame of it is read goes out together. */
final class Output {

    /** So much is worth a frame of its own. */
    private static final int FULL = 64 << 10;

    private final ClientConnection connection;
    private final List<byte[]> held = new ArrayList<>();
    private int heldBytes;
    private boolean holding;

    Output(ClientConnection connection) {
        this.connection = connection;
    }

    void hold() {
        holding = true;
    }

    void release() {
        holding = false;
        flush();
    }

    void write(byte[] line) {
        if (!holding) {
            connection.send(line);
            return;
        }
        held.add(line);
        heldBytes += line.length;
        if (heldBytes >= FULL) {
            flush();
        }
    }

    /** To send can end the session, and that comes back here: nothing is held any more by then. */
    private void flush() {
        if (!held.isEmpty()) {
            byte[] lines = held.size() == 1 ? held.getFirst() : Replies.lines(held);
            held.clear();
            heldBytes = 0;
            connection.send(lines);
        }
    }
}
