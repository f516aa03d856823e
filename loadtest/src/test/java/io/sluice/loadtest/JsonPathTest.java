package io.sluice.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class JsonPathTest {

    private static final Bytes JSON = bytes("""
            {"key":"a\\"b\\\\","deep":{"version":7,"list":[{"version":8},"]}",[]]}, "empty" : {},
             "version" : 42 ,"state":{"seq":-3,"half":1.5,"run":"r-1","next":{"seq":12345678901}},"last":9}
            """);

    @Test
    void numbersAreFoundWhereTheyAreAndNowhereElse() {
        assertThat(JsonPath.number(JSON, "version")).isEqualTo(42);
        assertThat(JsonPath.number(JSON, "deep", "version")).isEqualTo(7);
        assertThat(JsonPath.number(JSON, "state", "next", "seq")).isEqualTo(12345678901L);
        assertThat(JsonPath.number(JSON, "last")).isEqualTo(9);
    }

    @Test
    void whatIsNotThereOrNoWholeNumberIsMinusOne() {
        assertThat(JsonPath.number(JSON, "seq")).isEqualTo(-1);
        assertThat(JsonPath.number(JSON, "state", "half")).isEqualTo(-1);
        assertThat(JsonPath.number(JSON, "key")).isEqualTo(-1);
        assertThat(JsonPath.number(JSON, "empty", "version")).isEqualTo(-1);
        assertThat(JsonPath.number(JSON, "version", "version")).isEqualTo(-1);
        assertThat(JsonPath.number(bytes(""), "version")).isEqualTo(-1);
        assertThat(JsonPath.number(bytes("[1]"), "version")).isEqualTo(-1);
        assertThat(JsonPath.number(bytes("{\"version\""), "version")).isEqualTo(-1);
        assertThat(JsonPath.number(bytes("{\"version"), "version")).isEqualTo(-1);
    }

    @Test
    void textIsComparedAsItIsWritten() {
        assertThat(JsonPath.isText(JSON, "r-1", "state", "run")).isTrue();
        assertThat(JsonPath.isText(JSON, "r-2", "state", "run")).isFalse();
        assertThat(JsonPath.isText(JSON, "42", "version")).isFalse();
        assertThat(JsonPath.isText(JSON, "r-1", "run")).isFalse();
    }

    private static Bytes bytes(String text) {
        Bytes bytes = new Bytes(1000);
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        bytes.add(utf8, 0, utf8.length);
        return bytes;
    }
}
