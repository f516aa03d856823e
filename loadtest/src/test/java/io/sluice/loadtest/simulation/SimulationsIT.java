package io.sluice.loadtest.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each simulation in a small form, against a real gateway. */
class SimulationsIT {

    @TempDir
    private static Path folder;

    private static GatewayProcess gateway;

    @BeforeAll
    static void start() throws Exception {
        gateway = GatewayProcess.start(folder);
    }

    @AfterAll
    static void stop() throws Exception {
        gateway.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "publish | rate=20 contexts=10",
                "watch | rate=20 contexts=5 watchers=20",
                "mixed | rate=10 waits=5 reads=10 contexts=5 watchers=10 sizes=200,5000",
                "spike | rate=5 peak=50 spike=1 contexts=5 watchers=10",
                "reconnect-storm | rate=10 contexts=2 watchers=20 storms=2 away=1 duration=4",
                "soak | rate=10 waits=2 reads=5 contexts=5 watchers=10 rejoin=1 duration=4",
                "orders | orders=3000 watchers=3",
                "profiles | rate=20 contexts=20 watchers=20",
                "market-data | rate=50 contexts=5 watchers=6",
            })
    void whatIsPromisedIsKept(String simulation, String settings) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List<String> args = new ArrayList<>(List.of(
                simulation,
                "-Dsluice.url=" + gateway.url(),
                "-Dsluice.report=" + folder.resolve("reports"),
                "-Dsluice.duration=2",
                "-Dsluice.warmup=0",
                "-Dsluice.patience=120"));
        for (String setting : settings.split(" ")) {
            args.add("-Dsluice." + setting);
        }
        int code = Load.run(args, new Properties(), new PrintStream(out, true, StandardCharsets.UTF_8), System.err);
        String said = out.toString(StandardCharsets.UTF_8);
        assertThat(code).as(said).isZero();
        assertThat(said).contains("what was acknowledged came, as promised").contains("(0 refused, 0 unknown)");
    }

    @Test
    void theJarStartsByItselfAndSaysWhyItCannot() throws Exception {
        Path said = folder.resolve("said-by-the-jar.txt");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-jar",
                        System.getProperty("loadtest.jar"),
                        "publish",
                        "-Dsluice.url=" + gateway.url(),
                        "-Dsluice.type=nothing")
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(2);
        assertThat(said)
                .content()
                .hasLineCount(1)
                .contains("/v1/contexts/nothing?limit=1 is answered with 404 (expected: 200): ");
    }
}
