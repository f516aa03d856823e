package io.sluice.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogBoundTest {
    @TempDir
    Path dir;

    @Test
    void aLogIsCutUnderItsWriterAndItsOldPartStaysBeside() throws Exception {
        Path log = dir.resolve("a.log");
        LogBound bound = new LogBound(List.of(log, dir.resolve("none.log")), 10);
        try (var writer = Files.newBufferedWriter(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            writer.write("short\n");
            writer.flush();
            bound.run();
            assertThat(log).hasContent("short\n");
            writer.write("no longer short\n");
            writer.flush();
            bound.run();
            writer.write("new\n");
        }
        assertThat(log).hasContent("new\n");
        assertThat(dir.resolve("a.log.1")).hasContent("short\nno longer short\n");
    }
}
