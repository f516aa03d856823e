package io.sluice.loadtest.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sluice.loadtest.LoadException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PlanTest {

    @TempDir
    private Path folder;

    @Test
    void withoutASettingTheGatewayIsTheLocalOne() throws Exception {
        Path endpoints = folder.resolve("endpoints.properties");
        assertThat(Plan.of(Kind.WATCH, new Properties(), endpoints).url()).hasToString("http://127.0.0.1:8080");
        Files.writeString(endpoints, "kafka=127.0.0.1\\:9092\ngateway=http\\://127.0.0.1\\:8123\n");
        assertThat(Plan.of(Kind.WATCH, new Properties(), endpoints).url()).hasToString("http://127.0.0.1:8123");
        assertThat(Plan.of(Kind.WATCH, properties("sluice.url", "https://sluice.example"), endpoints)
                        .url())
                .hasToString("https://sluice.example");
    }

    @Test
    void ordersAreFiftyThousandAMinuteToTwelveServicesEachOfAContextOfItsOwn() {
        Plan plan = plan(Kind.ORDERS, "sluice.warmup", "0");
        assertThat(plan.updates()).isEqualTo(50_000);
        assertThat(plan.contexts()).isEqualTo(50_000);
        assertThat(plan.watchers()).isEqualTo(12);
        assertThat(plan.type()).isEqualTo("order");
    }

    @Test
    void aSpikeIsBetweenTwoSteadyTimes() {
        Plan plan = Plan.of(
                Kind.SPIKE,
                properties("sluice.rate", "10", "sluice.peak", "100", "sluice.spike", "5", "sluice.duration", "20"),
                folder);
        assertThat(plan.publishing()).hasSeconds(5 + 20 + 5 + 20);
        assertThat(plan.updates()).isEqualTo(45 * 10 + 5 * 100);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "WATCH | sluice.url | ftp://127.0.0.1",
                "WATCH | sluice.url | http://127.0.0.1:8080/v1",
                "WATCH | sluice.url | 127.0.0.1:8080",
                "WATCH | sluice.url | localhost",
                "WATCH | sluice.type | Customer",
                "WATCH | sluice.contexts | 0",
                "WATCH | sluice.rate | 0",
                "WATCH | sluice.rate | many",
                "WATCH | sluice.sizes | 99",
                "WATCH | sluice.sizes | 200;300",
                "WATCH | sluice.sizes | 200,1000001",
                "WATCH | sluice.watchers | 0",
                "WATCH | sluice.watchers | 1.5",
                "WATCH | sluice.connects | 0",
                "WATCH | sluice.transport | carrier pigeon",
                "WATCH | sluice.policy | all",
                "WATCH | sluice.policy | sample:1",
                "WATCH | sluice.duration | 0",
                "WATCH | sluice.warmup | -1",
                "WATCH | sluice.patience | 0",
                "MIXED | sluice.waits | 0",
                "MIXED | sluice.reads | -1",
                "SPIKE | sluice.peak | NaN",
                "SPIKE | sluice.spike | 0",
                "RECONNECT_STORM | sluice.storms | 0",
                "RECONNECT_STORM | sluice.away | -1",
                "SOAK | sluice.rejoin | 0",
                "ORDERS | sluice.orders | 0",
                "ORDERS | sluice.duration | 86400",
                "MARKET_DATA | sluice.contexts | 51",
            })
    void aWrongValueIsRefusedInOneLineThatNamesIt(Kind kind, String name, String value) {
        assertThatExceptionOfType(LoadException.class)
                .isThrownBy(() -> plan(kind, name, value))
                .withMessageStartingWith(name + ": \"" + value + "\" (expected: ")
                .withMessageNotContaining("\n");
    }

    @Test
    void aSettingOfAnotherSimulationIsUnknown() {
        assertThatExceptionOfType(LoadException.class)
                .isThrownBy(() -> plan(Kind.WATCH, "sluice.peak", "3"))
                .withMessage(
                        "sluice.peak: unknown (expected: after sluice. one of connects, contexts, duration, patience,"
                                + " policy, rate, report, sizes, transport, type, url, warmup, watchers)");
    }

    @ParameterizedTest
    @EnumSource
    void allThatCanBeSetIsInTheTablesWithWhatItIsOtherwise(Kind kind) throws Exception {
        String readme = Files.readString(Path.of("README.md"));
        assertThat(readme).contains("./sluice load " + kind.title() + " ");
        String row = readme.lines()
                .filter(line -> line.startsWith("| `" + kind.title() + "` | `"))
                .filter(line -> line.contains("="))
                .findFirst()
                .orElseThrow();
        kind.defaults().forEach((name, value) -> {
            String ofAll = "| `" + name + "` | " + (value.isEmpty() ? "" : "`" + value + "` ") + "|";
            assertThat(readme).contains("| `" + name + "` |");
            assertThat(readme.contains(ofAll) || row.contains("`" + name + "=" + value + "`"))
                    .as("%s=%s of %s", name, value, kind.title())
                    .isTrue();
        });
    }

    private Plan plan(Kind kind, String name, String value) {
        return Plan.of(kind, properties(name, value), folder.resolve("none"));
    }

    private static Properties properties(String... namesAndValues) {
        Properties properties = new Properties();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            properties.setProperty(namesAndValues[i], namesAndValues[i + 1]);
        }
        return properties;
    }
}
