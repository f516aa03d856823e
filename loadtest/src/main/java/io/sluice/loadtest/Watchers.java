package io.sluice.loadtest;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * All streams of a run, on one thread that does nothing else: a delivery is timed when its bytes are read there, so what the
 * thread itself is behind counts as latency.
 */
final class Watchers implements AutoCloseable {

    /** More at once only fill the queue in which connections wait to be accepted. */
    private static final int MAX_OPENING = 100;

    private static final long SELECT_MILLIS = 100;

    private final int wanted;
    private final Tally tally;
    private final InetSocketAddress address;
    private final byte[] request;
    private final Selector selector;
    private final ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
    private final List<Watcher> watchers = new ArrayList<>();
    private final Thread thread = new Thread(this::run, "watchers");
    private int opening;
    private volatile boolean closed;

    private Watchers(Settings settings, Tally tally, InetSocketAddress address, Selector selector) {
        this.wanted = settings.watchers();
        this.tally = tally;
        this.address = address;
        this.selector = selector;
        URI uri = settings.address();
        this.request = ("GET " + uri.getRawPath() + "?policy=every HTTP/1.1\r\nHost: " + uri.getRawAuthority()
                        + "\r\nAccept: text/event-stream\r\nCache-Control: no-cache\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** Begins to open them. */
    static Watchers open(Settings settings, Tally tally) {
        int port = settings.url().getPort();
        InetSocketAddress address = new InetSocketAddress(settings.url().getHost(), port < 0 ? 80 : port);
        if (address.isUnresolved()) {
            throw new LoadException("sluice.url: \"" + settings.url() + "\" (expected: a host that has an address)");
        }
        try {
            Watchers watchers = new Watchers(settings, tally, address, Selector.open());
            watchers.thread.setDaemon(true);
            watchers.thread.start();
            return watchers;
        } catch (IOException e) {
            throw new LoadException("No stream can be opened: " + e.getMessage());
        }
    }

    private void run() {
        try (selector) {
            while (!closed) {
                openMore();
                selector.select(this::serve, SELECT_MILLIS);
            }
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
        } catch (IOException | RuntimeException e) {
            tally.ended("the watchers have stopped: " + e);
        }
    }

    private void openMore() {
        while (opening < MAX_OPENING && watchers.size() < wanted) {
            Watcher watcher = new Watcher(tally);
            watchers.add(watcher);
            opening++;
            try {
                SocketChannel channel = SocketChannel.open();
                channel.configureBlocking(false);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT, watcher);
                if (channel.connect(address)) {
                    connected(channel, key);
                }
            } catch (IOException e) {
                opening--;
                tally.ended(reason(e));
            }
        }
    }

    private void serve(SelectionKey key) {
        Watcher watcher = (Watcher) key.attachment();
        SocketChannel channel = (SocketChannel) key.channel();
        boolean wasReady = watcher.isReady();
        try {
            if (key.isConnectable()) {
                channel.finishConnect();
                connected(channel, key);
            } else {
                read(channel, watcher);
            }
            if (!wasReady && watcher.isReady()) {
                opening--;
            }
        } catch (IOException | IllegalStateException e) {
            opening -= wasReady ? 0 : 1;
            end(channel, e);
        }
    }

    private void connected(SocketChannel channel, SelectionKey key) throws IOException {
        key.interestOps(SelectionKey.OP_READ);
        ByteBuffer bytes = ByteBuffer.wrap(request);
        channel.write(bytes);
        if (bytes.hasRemaining()) {
            throw new IOException("the request does not fit into the socket");
        }
    }

    private void read(SocketChannel channel, Watcher watcher) throws IOException {
        buffer.clear();
        int length = channel.read(buffer);
        if (length < 0) {
            throw new EOFException("the gateway has closed the connection");
        }
        watcher.accept(buffer.array(), length, System.nanoTime());
    }

    private void end(SocketChannel channel, Exception why) {
        try {
            channel.close();
        } catch (IOException e) {
            // It is over either way.
        }
        tally.ended(reason(why));
    }

    private static String reason(Exception e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }

    /** Closes all streams. @return what each of them has had */
    List<Received> finish() throws InterruptedException {
        close();
        thread.join();
        return watchers.stream().map(Watcher::received).toList();
    }

    @Override
    public void close() {
        closed = true;
        selector.wakeup();
    }
}
