package io.sluice.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortsTest {
    @TempDir
    Path dir;

    @Test
    void aPortIsKeptUntilSomebodyElseHasIt() throws Exception {
        try (DataFolder folder = DataFolder.claim(dir, note -> {})) {
            int first = new Ports(folder).keep("redis");
            assertThat(new Ports(folder).keep("redis")).isEqualTo(first);
            assertThat(new Ports(folder).keep("postgres")).isNotEqualTo(first);
            try (ServerSocket other = new ServerSocket(first, 1, InetAddress.getLoopbackAddress())) {
                assertThat(other.isBound()).isTrue();
                int second = new Ports(folder).keep("redis");
                assertThat(second).isNotEqualTo(first);
                assertThat(new Ports(folder).keep("redis")).isEqualTo(second);
            }
        }
    }
}
