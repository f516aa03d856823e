package io.sluice.cache;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stands between a client and a server, and can let the connections of the moment go silent without ending them. */
final class SilentProxy implements AutoCloseable {

    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Pipe> pipes = new CopyOnWriteArrayList<>();
    private final String host;
    private final int port;

    private static final class Pipe {
        final Socket client;
        final Socket target;
        volatile boolean silent;

        Pipe(Socket client, Socket target) {
            this.client = client;
            this.target = target;
        }

        void copy(InputStream in, OutputStream out) {
            byte[] buffer = new byte[8192];
            try {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    if (!silent) {
                        out.write(buffer, 0, n);
                    }
                }
            } catch (IOException e) {
                // One side has ended.
            }
        }
    }

    SilentProxy(String host, int port) throws IOException {
        this.host = host;
        this.port = port;
        Thread.ofVirtual().start(this::accept);
    }

    private void accept() {
        try {
            while (true) {
                Pipe pipe = new Pipe(server.accept(), new Socket(host, port));
                pipes.add(pipe);
                InputStream requests = pipe.client.getInputStream();
                InputStream answers = pipe.target.getInputStream();
                OutputStream toServer = pipe.target.getOutputStream();
                OutputStream toClient = pipe.client.getOutputStream();
                Thread.ofVirtual().start(() -> pipe.copy(requests, toServer));
                Thread.ofVirtual().start(() -> pipe.copy(answers, toClient));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    int port() {
        return server.getLocalPort();
    }

    int connections() {
        return pipes.size();
    }

    void silence() {
        pipes.forEach(pipe -> pipe.silent = true);
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Pipe pipe : pipes) {
            pipe.client.close();
            pipe.target.close();
        }
    }
}
