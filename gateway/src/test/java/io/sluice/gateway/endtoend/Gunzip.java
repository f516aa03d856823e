package io.sluice.gateway.endtoend;

import java.io.ByteArrayOutputStream;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** A stream in gzip, read as it comes: each call gives all that can be known of what came so far. */
final class Gunzip {

    private final Inflater inflater = new Inflater(true);
    private int header = 10;

    byte[] next(byte[] bytes) {
        int skipped = Math.min(header, bytes.length);
        header -= skipped;
        inflater.setInput(bytes, skipped, bytes.length - skipped);
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        byte[] some = new byte[8_192];
        try {
            for (int n = inflater.inflate(some); n > 0; n = inflater.inflate(some)) {
                plain.write(some, 0, n);
            }
        } catch (DataFormatException e) {
            throw new AssertionError("no deflate", e);
        }
        return plain.toByteArray();
    }
}
