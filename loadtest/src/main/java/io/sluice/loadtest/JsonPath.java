package io.sluice.loadtest;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Finds single values in JSON that is well-formed, without reading it all. Member names are compared as they are written: one
 * with an escape in it is not found.
 */
final class JsonPath {

    private final byte[] json;
    private final int length;
    private int at;

    private JsonPath(Bytes json) {
        this.json = json.array();
        this.length = json.length();
    }

    /** The whole number there, or -1. */
    static long number(Bytes json, String... path) {
        JsonPath reader = new JsonPath(json);
        if (!reader.find(path)) {
            return -1;
        }
        int start = reader.at;
        reader.skip();
        try {
            return Long.parseLong(json.text(start, reader.at).strip());
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** Whether there is a string of just these characters, none of them escaped. */
    static boolean isText(Bytes json, String expected, String... path) {
        JsonPath reader = new JsonPath(json);
        if (!reader.find(path) || reader.peek() != '"') {
            return false;
        }
        int start = reader.at + 1;
        reader.skip();
        return json.text(start, reader.at - 1).equals(expected);
    }

    private boolean find(String... path) {
        for (String name : path) {
            if (!member(name.getBytes(StandardCharsets.UTF_8))) {
                return false;
            }
        }
        blank();
        return at < length;
    }

    /** Goes to the value of that member of the object that begins here. */
    private boolean member(byte[] name) {
        blank();
        if (peek() != '{') {
            return false;
        }
        at++;
        for (blank(); peek() == '"'; blank()) {
            int start = at + 1;
            skip();
            boolean found = isName(name, start, at - 1);
            blank();
            at++;
            if (found) {
                return true;
            }
            skip();
            blank();
            if (peek() == ',') {
                at++;
            }
        }
        return false;
    }

    private boolean isName(byte[] name, int start, int end) {
        return Arrays.equals(name, 0, name.length, json, start, end);
    }

    /** Goes behind the value that begins here. */
    private void skip() {
        blank();
        int depth = 0;
        do {
            int here = peek();
            if (here == '"') {
                string();
            } else if (here == '{' || here == '[') {
                depth++;
                at++;
            } else if (here == '}' || here == ']') {
                depth--;
                at++;
            } else if (depth == 0) {
                scalar();
            } else {
                at++;
            }
        } while (depth > 0 && at < length);
    }

    private void string() {
        for (at++; at < length && json[at] != '"'; at++) {
            if (json[at] == '\\') {
                at++;
            }
        }
        at++;
    }

    private void scalar() {
        while (at < length && ",}] \t\r\n".indexOf(json[at]) < 0) {
            at++;
        }
    }

    private void blank() {
        while (at < length && json[at] <= ' ' && json[at] >= 0) {
            at++;
        }
    }

    private int peek() {
        return at < length ? json[at] : -1;
    }
}
