package io.sluice.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OwnCommandTest {
    @Test
    void aClassPathIsPassedOn() {
        assertThat(OwnCommand.words("/a.jar:/b.jar", "x.Main --flag", 25))
                .endsWith("-cp", "/a.jar:/b.jar", "io.sluice.embedded.PartsMain");
    }

    @Test
    void aJarThatRunsIsRunAgain() {
        assertThat(OwnCommand.words("gateway/target/sluice.jar", "gateway/target/sluice.jar --server.port=1", 25))
                .endsWith("-jar", "gateway/target/sluice.jar", "parts");
    }

    @Test
    void aJarOnTheClassPathIsNotTakenForOneThatRuns() {
        assertThat(OwnCommand.words("/a.jar", "x.Main", 25)).endsWith("-cp", "/a.jar", PartsMain.class.getName());
    }

    @Test
    void noFlagIsGivenToAJavaThatDoesNotKnowIt() {
        String flag = "--sun-misc-unsafe-memory-access=allow";
        assertThat(OwnCommand.words("/a.jar", "x.Main", 21)).doesNotContain(flag);
        assertThat(OwnCommand.words("/a.jar", "x.Main", 25)).contains(flag);
    }
}
