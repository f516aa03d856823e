package io.sluice.gateway.feed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AcceptEncodingTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gzip",
                "GZip",
                "x-gzip",
                "gzip, deflate, br, zstd",
                "br;q=1.0, gzip;q=0.8, *;q=0.1",
                " br , gzip ; q=0.001 ",
                "gzip;Q=1.000",
                "*",
                "identity;q=0, *;q=0.5",
                "gzip;q=0.5, identity;q=0.5",
                "nonsense=, gzip"
            })
    void gzipIsWanted(String header) {
        assertThat(AcceptEncoding.allowsGzip(List.of(header))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "identity",
                "br, deflate",
                "gzip;q=0",
                "gzip; q=0.000",
                "gzip;q=0, *",
                "*;q=0",
                "gzip;q=0.5, identity",
                "identity, *;q=0.1",
                "gzip;q=2",
                "gzip;q=0.5000",
                "gzip;q=-1",
                "gzip;level=1",
                "gzip deflate",
                "gzipped"
            })
    void gzipIsNotWanted(String header) {
        assertThat(AcceptEncoding.allowsGzip(List.of(header))).isFalse();
    }

    @Test
    void allHeadersCount() {
        assertThat(AcceptEncoding.allowsGzip(List.of())).isFalse();
        assertThat(AcceptEncoding.allowsGzip(List.of("br", "gzip"))).isTrue();
        assertThat(AcceptEncoding.allowsGzip(List.of("*", "gzip;q=0"))).isFalse();
    }
}
