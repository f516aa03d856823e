package io.sluice.loadtest;

/** Takes Server-Sent Events apart, as the WHATWG standard has them, whatever pieces they come in. */
final class EventStream {

    private static final int MAX_PIECE = 16 << 20;

    /** Is told each event that has data. */
    interface Listener {
        /** An event is complete; what {@code data} holds is used again after the call. */
        void event(String name, Bytes data);
    }

    private final Listener listener;
    private final Bytes line = new Bytes(MAX_PIECE);
    private final Bytes data = new Bytes(MAX_PIECE);
    private String name = "";
    private boolean hasData;
    private boolean firstLine = true;
    private boolean afterReturn;

    EventStream(Listener listener) {
        this.listener = listener;
    }

    void accept(byte[] bytes, int start, int end) {
        for (int i = start; i < end; i++) {
            byte value = bytes[i];
            boolean secondOfTwo = afterReturn && value == '\n';
            afterReturn = value == '\r';
            if (secondOfTwo) {
                continue;
            }
            if (value == '\n' || value == '\r') {
                endOfLine();
            } else {
                line.add(value);
            }
        }
    }

    private void endOfLine() {
        int start = firstLine && startsWithMark() ? 3 : 0;
        firstLine = false;
        if (line.length() == start) {
            endOfEvent();
        } else {
            field(start);
        }
        line.clear();
    }

    private boolean startsWithMark() {
        return line.length() >= 3
                && line.at(0) == (byte) 0xEF
                && line.at(1) == (byte) 0xBB
                && line.at(2) == (byte) 0xBF;
    }

    private void field(int start) {
        int colon = start;
        while (colon < line.length() && line.at(colon) != ':') {
            colon++;
        }
        int value = Math.min(colon + 1, line.length());
        if (value < line.length() && line.at(value) == ' ') {
            value++;
        }
        if (is("data", start, colon)) {
            if (hasData) {
                data.add((byte) '\n');
            }
            hasData = true;
            data.add(line.array(), value, line.length());
        } else if (is("event", start, colon)) {
            name = line.text(value, line.length());
        }
    }

    private boolean is(String field, int start, int end) {
        if (end - start != field.length()) {
            return false;
        }
        for (int i = 0; i < field.length(); i++) {
            if (line.at(start + i) != field.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private void endOfEvent() {
        if (hasData) {
            listener.event(name.isEmpty() ? "message" : name, data);
        }
        data.clear();
        hasData = false;
        name = "";
    }
}
