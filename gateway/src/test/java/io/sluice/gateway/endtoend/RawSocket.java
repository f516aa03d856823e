package io.sluice.gateway.endtoend;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** A client that can say anything. */
final class RawSocket implements AutoCloseable {

    private static final int MUCH = 64 << 20;

    private static final int PATIENCE_MILLIS = 40_000;

    private final Socket socket;

    private RawSocket(Socket socket) {
        this.socket = socket;
    }

    RawSocket(Gateway gateway) {
        this(new Socket());
        try {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.connect(new InetSocketAddress(
                    gateway.base().getHost(), gateway.base().getPort()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One that has shaken hands. @param protocol what it negotiates, such as {@code h2} */
    static RawSocket tls(Gateway gateway, SSLContext tls, String protocol) {
        try {
            SSLSocket socket = (SSLSocket) tls.getSocketFactory()
                    .createSocket(gateway.base().getHost(), gateway.base().getPort());
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {protocol});
            socket.setSSLParameters(parameters);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.startHandshake();
            return new RawSocket(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static RawSocket feed(Gateway gateway, String path) {
        return new RawSocket(gateway).send("GET " + path + " HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n");
    }

    static RawSocket webSocket(Gateway gateway) {
        return webSocket(gateway, "Sec-WebSocket-Version: 13");
    }

    /** @param version the header that says it */
    static RawSocket webSocket(Gateway gateway, String version) {
        return upgrade(gateway, version, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
    }

    static RawSocket upgrade(Gateway gateway, String... headers) {
        return new RawSocket(gateway)
                .send("GET /connection/websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + String.join("\r\n", headers) + "\r\n\r\n");
    }

    RawSocket send(String text) {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    /** What the other end has closed takes nothing: that is no failure here. */
    RawSocket send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
        } catch (IOException e) {
            // It is gone.
        }
        return this;
    }

    /** A frame of RFC 6455, masked. */
    static byte[] frame(int firstByte, byte[] payload, Random random) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(firstByte);
        if (payload.length < 126) {
            frame.write(0x80 | payload.length);
        } else {
            frame.write(0x80 | 126);
            frame.write(payload.length >> 8);
            frame.write(payload.length);
        }
        byte[] mask = new byte[4];
        random.nextBytes(mask);
        frame.writeBytes(mask);
        for (int i = 0; i < payload.length; i++) {
            frame.write(payload[i] ^ mask[i % 4]);
        }
        return frame.toByteArray();
    }

    static byte[] text(String payload, Random random) {
        return frame(0x81, payload.getBytes(StandardCharsets.UTF_8), random);
    }

    /** Reads until that has come, or the end. Fails if much comes, and that is not in it. @return all that came */
    String readUntil(String wanted) {
        StringBuilder all = new StringBuilder();
        try {
            InputStream in = socket.getInputStream();
            byte[] some = new byte[4096];
            for (int from = 0; all.indexOf(wanted, from) < 0; ) {
                from = Math.max(0, all.length() - wanted.length());
                int count = in.read(some);
                if (count < 0) {
                    break;
                }
                all.append(new String(some, 0, count, StandardCharsets.ISO_8859_1));
                if (all.length() > MUCH) {
                    throw new AssertionError(
                            "\"" + wanted + "\" does not come; it begins with " + all.substring(0, 2_000));
                }
            }
            return all.toString();
        } catch (SocketTimeoutException e) {
            throw new UncheckedIOException("neither \"" + wanted + "\" nor the end", e);
        } catch (IOException e) {
            return "";
        }
    }

    /** Reads until the other end has closed. */
    String readToEnd() {
        return readUntil("\0 never said \0");
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
