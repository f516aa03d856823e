package io.sluice.loadtest;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Takes an HTTP/1.1 answer apart, whatever pieces it comes in: its status, and its body without the transfer coding. */
final class HttpAnswer {

    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3})( .*)?");
    private static final Pattern CHUNKED = Pattern.compile("\r\ntransfer-encoding:[ \t]*chunked[ \t]*\r\n");

    /** Is told what comes in. */
    interface Listener {
        /** Before any of the body. */
        void status(int status);

        void body(byte[] bytes, int start, int end);

        /** The body is complete. One that ends with the connection never says so. */
        void end();
    }

    private enum Part {
        HEAD,
        PLAIN,
        CHUNK_SIZE,
        CHUNK,
        CHUNK_END,
        TRAILER,
        DONE
    }

    private final Listener listener;
    private final Bytes head = new Bytes(16 << 10);
    private Part part = Part.HEAD;
    private long left;

    HttpAnswer(Listener listener) {
        this.listener = listener;
    }

    void accept(byte[] bytes, int start, int end) {
        int at = start;
        while (at < end) {
            switch (part) {
                case HEAD, CHUNK_SIZE, CHUNK_END, TRAILER -> {
                    head.add(bytes[at++]);
                    line();
                }
                case PLAIN -> {
                    listener.body(bytes, at, end);
                    at = end;
                }
                case CHUNK -> {
                    int size = (int) Math.min(left, end - at);
                    listener.body(bytes, at, at + size);
                    at += size;
                    left -= size;
                    part = left == 0 ? Part.CHUNK_END : Part.CHUNK;
                }
                case DONE -> throw new IllegalStateException("bytes after the end of the answer");
            }
        }
    }

    /** Looks whether what is being gathered is complete with this byte. */
    private void line() {
        int length = head.length();
        if (part == Part.HEAD) {
            if (length >= 4 && head.at(length - 1) == '\n' && head.at(length - 3) == '\n') {
                headDone(head.text(0, length));
                head.clear();
            }
        } else if (head.at(length - 1) == '\n') {
            lineDone(head.text(0, length).strip());
            head.clear();
        }
    }

    private void headDone(String text) {
        Matcher status = STATUS.matcher(text.substring(0, text.indexOf('\r')));
        if (!status.matches()) {
            throw new IllegalStateException("no HTTP/1.1 answer");
        }
        part = CHUNKED.matcher(text.toLowerCase(Locale.ROOT)).find() ? Part.CHUNK_SIZE : Part.PLAIN;
        listener.status(Integer.parseInt(status.group(1)));
    }

    private void lineDone(String text) {
        switch (part) {
            case CHUNK_SIZE -> {
                left = size(text);
                part = left == 0 ? Part.TRAILER : Part.CHUNK;
            }
            case CHUNK_END -> part = Part.CHUNK_SIZE;
            default -> {
                if (text.isEmpty()) {
                    part = Part.DONE;
                    listener.end();
                }
            }
        }
    }

    private static long size(String text) {
        int extension = text.indexOf(';');
        try {
            return Long.parseLong((extension < 0 ? text : text.substring(0, extension)).strip(), 16);
        } catch (NumberFormatException e) {
            throw new IllegalStateException("chunk size: \"" + text + "\" (expected: a hexadecimal number)");
        }
    }
}
