package io.sluice.gateway.publish;

import io.sluice.gateway.web.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a body into lines, whatever the pieces in which it comes. Of a line that is too long, or for which there is no room, the
 * length is counted and nothing is kept. Not safe for use by several threads.
 */
final class Lines {

    /** So much of a line that has not ended yet is not counted: no more than a connection has in its buffers anyway. */
    private static final int UNCOUNTED = 16 << 10;

    private final int max;
    private final Room.Share room;
    private byte[] begun = new byte[0];
    private int size;
    private long length;
    private int held;
    private byte last;
    private boolean full;

    /** @param max bytes of a line, without its end */
    Lines(int max, Room.Share room) {
        this.max = max;
        this.room = room;
    }

    /** The lines that have their end in this piece, without those that are blank. */
    List<Part> take(byte[] piece) {
        List<Part> parts = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < piece.length; i++) {
            if (piece[i] == '\n') {
                add(piece, from, i);
                end(parts);
                from = i + 1;
            }
        }
        add(piece, from, piece.length);
        return parts;
    }

    /** The last line, if it has no end of its own. */
    List<Part> rest() {
        List<Part> parts = new ArrayList<>();
        end(parts);
        return parts;
    }

    private void add(byte[] piece, int from, int to) {
        int more = to - from;
        if (more == 0) {
            return;
        }
        length += more;
        last = piece[to - 1];
        if (full || length > max + 1L || !fits(size + more)) { // one more may be the CR of its end
            forget();
            return;
        }
        System.arraycopy(piece, from, begun, size, more);
        size += more;
    }

    private boolean fits(int bytes) {
        if (bytes <= begun.length) {
            return true;
        }
        int wanted = (int) Math.min(max + 1L, Math.max(bytes, 2L * begun.length));
        int counted = Math.max(0, wanted - UNCOUNTED);
        if (counted > held && !room.take(counted - held)) {
            full = true;
            return false;
        }
        held = Math.max(held, counted);
        begun = Arrays.copyOf(begun, wanted);
        return true;
    }

    private void forget() {
        room.give(held);
        held = 0;
        size = 0;
        begun = new byte[0];
    }

    private void end(List<Part> parts) {
        Part part = ended();
        if (part != null) {
            parts.add(part);
        }
        if (begun.length > UNCOUNTED) {
            begun = new byte[0];
        }
        held = 0; // it is the part's now, or given back
        size = 0;
        length = 0;
        last = 0;
        full = false;
    }

    private @Nullable Part ended() {
        if (last == '\r') {
            length--;
            size = Math.max(0, size - 1);
        }
        if (full && length <= max) {
            return new Part.Refused(Problem.of(
                    Problem.Kind.UNAVAILABLE,
                    "event: " + length + " bytes, and no room for it (expected: fewer large ones at once)"));
        }
        if (length > max) {
            room.give(held);
            return Part.tooLarge(length, max);
        }
        return isBlank() ? blank() : new Part.Event(Arrays.copyOf(begun, size), held);
    }

    private @Nullable Part blank() {
        room.give(held);
        return null;
    }

    private boolean isBlank() {
        for (int i = 0; i < size; i++) {
            if (begun[i] != ' ' && begun[i] != '\t' && begun[i] != '\r') {
                return false;
            }
        }
        return true;
    }
}
