package io.sluice.gateway.endtoend;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;

/** A request with lines of events, of which the client says itself when it sends and when it reads. In HTTP/1.1, by hand. */
final class Upload implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 40_000;

    private final Socket socket = new Socket();
    private final OutputStream out;
    private final Answer in;
    private boolean inBody;

    Upload(URI base, String... headers) {
        try {
            socket.setSoTimeout(PATIENCE_MILLIS);
            // Little is under way between client and gateway, so that it shows soon who waits.
            socket.setReceiveBufferSize(16 << 10);
            socket.setSendBufferSize(16 << 10);
            socket.connect(new InetSocketAddress(base.getHost(), base.getPort()));
            out = socket.getOutputStream();
            in = new Answer(socket.getInputStream());
            StringBuilder head = new StringBuilder(
                    "POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n");
            for (int i = 0; i < headers.length; i += 2) {
                head.append(headers[i]).append(": ").append(headers[i + 1]).append("\r\n");
            }
            out.write(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until the other end, or what lies between, has room for it. */
    Upload send(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try {
            out.write((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            out.write(bytes);
            out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Upload end() {
        try {
            out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next line of the answer, which is a 200. */
    JsonNode line() {
        try {
            if (!inBody) {
                in.head();
                inBody = true;
            }
            String line = in.line();
            if (line.isEmpty()) {
                throw new AssertionError("The answer has ended");
            }
            return Api.json(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void requireEnd() {
        try {
            String line = in.line();
            if (!line.isEmpty()) {
                throw new AssertionError("More than expected: " + line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lines out of chunks. */
    private static final class Answer {

        private final InputStream in;
        private int left;
        private boolean first = true;

        private Answer(InputStream in) {
            this.in = new java.io.BufferedInputStream(in, 4096);
        }

        private void head() throws IOException {
            String status = text();
            if (!status.startsWith("HTTP/1.1 200 ")) {
                throw new AssertionError(status);
            }
            while (!text().isEmpty()) {
                // A header.
            }
        }

        /** @return empty at the end */
        private String line() throws IOException {
            var bytes = new java.io.ByteArrayOutputStream();
            for (int b = next(); b != '\n' && b >= 0; b = next()) {
                bytes.write(b);
            }
            return bytes.toString(StandardCharsets.UTF_8);
        }

        private int next() throws IOException {
            if (left == 0) {
                if (!first) {
                    text();
                }
                first = false;
                left = Integer.parseInt(text(), 16);
                if (left == 0) {
                    return -1;
                }
            }
            left--;
            return in.read();
        }

        private String text() throws IOException {
            var bytes = new java.io.ByteArrayOutputStream();
            for (int b = in.read(); b != '\n'; b = in.read()) {
                if (b < 0) {
                    throw new IOException("The connection has ended, after " + bytes);
                }
                bytes.write(b);
            }
            return bytes.toString(StandardCharsets.US_ASCII).strip();
        }
    }
}
