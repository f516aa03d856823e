package io.sluice.loadtest;

/** One stream: takes its bytes, and keeps what came. Used by one thread. */
final class Watcher implements HttpAnswer.Listener, EventStream.Listener {

    private final Tally tally;
    private final HttpAnswer answer = new HttpAnswer(this);
    private final EventStream events = new EventStream(this);
    private final Received received = new Received();
    private boolean ready;
    private long nowNanos;

    Watcher(Tally tally) {
        this.tally = tally;
    }

    /** @throws IllegalStateException says what is wrong with the stream; it is of no more use then */
    void accept(byte[] bytes, int length, long nanos) {
        nowNanos = nanos;
        answer.accept(bytes, 0, length);
    }

    boolean isReady() {
        return ready;
    }

    Received received() {
        return received;
    }

    @Override
    public void status(int status) {
        if (status != 200) {
            throw new IllegalStateException("the gateway answers " + status + " (expected: 200)");
        }
    }

    @Override
    public void body(byte[] bytes, int start, int end) {
        events.accept(bytes, start, end);
    }

    @Override
    public void end() {
        throw new IllegalStateException("the gateway has ended it");
    }

    @Override
    public void event(String name, Bytes data) {
        switch (name) {
            case "snapshot" -> received.snapshot(required(data, "incarnation"), required(data, "version"));
            case "update", "deleted" -> {
                int stamp = stamp(data);
                if (received.update(required(data, "incarnation"), required(data, "version"), stamp)) {
                    tally.arrived(stamp, nowNanos);
                }
            }
            case "reset" -> received.reset();
            case "ready" -> {
                if (!ready) {
                    ready = true;
                    tally.ready();
                }
            }
            default -> throw new IllegalStateException("event: " + name + " (expected: one that the protocol has)");
        }
    }

    private static long required(Bytes data, String name) {
        long value = JsonPath.number(data, name);
        if (value < 0) {
            throw new IllegalStateException(
                    name + ": none (expected: a number, in each snapshot, update and deletion)");
        }
        return value;
    }

    private int stamp(Bytes data) {
        if (!JsonPath.isText(data, tally.run(), "state", "loadtest", "run")) {
            return -1;
        }
        long stamp = JsonPath.number(data, "state", "loadtest", "seq");
        return stamp < tally.updates() ? (int) stamp : -1;
    }
}
