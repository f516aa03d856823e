package io.sluice.resolver;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * 128 bits of SHA-256: equal for the same text or the same change (whatever the order of its members), and for no others that
 * anybody will meet.
 */
public record Fingerprint(long high, long low) {

    private static final HexFormat HEX = HexFormat.of();

    /** Never fed: it is copied, since to look one up takes longer than most digests. */
    private static final MessageDigest SHA_256 = find();

    public static Fingerprint of(Identity identity) {
        MessageDigest digest = sha256();
        update(digest, identity.writer());
        update(digest, identity.eventId());
        return from(digest);
    }

    /** Of a writer and one of its counters. */
    public static Fingerprint ofDot(String writer, long counter) {
        MessageDigest digest = sha256();
        update(digest, "dot");
        update(digest, writer);
        update(digest, String.valueOf(counter));
        return from(digest);
    }

    public static Fingerprint of(Change change) {
        MessageDigest digest = sha256();
        update(digest, change.kind());
        switch (change) {
            case Change.Patch patch -> update(digest, patch.patch());
            case Change.Replace replace -> update(digest, replace.document());
            case Change.Delete delete -> {}
            case Change.Operate operate -> update(digest, OperationsJson.json(operate.operations()));
        }
        return from(digest);
    }

    private static void update(MessageDigest digest, JsonNode node) {
        if (node.isObject()) {
            digest.update((byte) '{');
            List<String> names = new ArrayList<>(node.propertyNames());
            Collections.sort(names);
            for (String name : names) {
                update(digest, name);
                update(digest, node.get(name));
            }
            digest.update((byte) '}');
        } else if (node.isArray()) {
            digest.update((byte) '[');
            node.forEach(element -> update(digest, element));
            digest.update((byte) ']');
        } else {
            digest.update((byte) node.getNodeType().ordinal());
            update(digest, node.asString());
        }
    }

    /** The length goes first, so that no two sequences of texts give the same bytes. */
    private static void update(MessageDigest digest, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int shift = 24; shift >= 0; shift -= 8) {
            digest.update((byte) (bytes.length >> shift));
        }
        digest.update(bytes);
    }

    private static Fingerprint from(MessageDigest digest) {
        java.nio.ByteBuffer bytes = java.nio.ByteBuffer.wrap(digest.digest());
        return new Fingerprint(bytes.getLong(), bytes.getLong());
    }

    private static MessageDigest sha256() {
        try {
            return (MessageDigest) SHA_256.clone();
        } catch (CloneNotSupportedException e) {
            return find();
        }
    }

    private static MessageDigest find() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    /** 32 hexadecimal digits, what {@link #parse} reads. */
    @Override
    public String toString() {
        return HEX.toHexDigits(high) + HEX.toHexDigits(low);
    }

    public static Fingerprint parse(String text) {
        return new Fingerprint(HexFormat.fromHexDigitsToLong(text, 0, 16), HexFormat.fromHexDigitsToLong(text, 16, 32));
    }
}
