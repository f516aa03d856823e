package io.sluice.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PartsArgumentsTest {
    @Test
    void withoutWordsEverythingRunsInTheDataFolder() {
        assertThat(PartsArguments.parse(List.of(), Map.of()))
                .isEqualTo(new PartsArguments(new PartsSettings(Path.of("./data"), 9092, true, true, true), false));
    }

    @Test
    void aWordWinsOverTheEnvironment() {
        Map<String, String> environment = Map.of("SLUICE_EMBEDDED_DATA_DIR", "/a", "SLUICE_EMBEDDED_KAFKA_PORT", "1");
        assertThat(PartsArguments.parse(List.of("--sluice.embedded.kafka-port=2"), environment)
                        .settings())
                .isEqualTo(new PartsSettings(Path.of("/a"), 2, true, true, true));
    }

    @Test
    void wordsOfOthersArePassedOver() {
        assertThat(PartsArguments.parse(List.of("parts", "--server.port=1", "--parent"), Map.of())
                        .parent())
                .isTrue();
    }

    @Test
    void settingsSurviveTheWayThroughACommandLine() {
        PartsSettings settings = new PartsSettings(Path.of("/a b/c=d"), 0, true, false, true);
        assertThat(PartsArguments.parse(settings.toArguments(), Map.of()).settings())
                .isEqualTo(settings);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --sluice.embedded.kafka-port=-1  | kafkaPort: -1 (expected: 0 to 65535)
            --sluice.embedded.kafka-port=many | sluice.embedded.kafka-port: many (expected: 0 to 65535)
            --sluice.embedded.parts=kafka,x  | sluice.embedded.parts: kafka,x (expected: some of kafka, postgres, redis)
            --sluice.embedded.data-dir       | --sluice.embedded.data-dir: no value (expected: --sluice.embedded.data-dir=...)
            """)
    void aWrongWordIsNamedTogetherWithWhatWasExpected(String word, String message) {
        assertThatThrownBy(() -> PartsArguments.parse(List.of(word), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void noPartAtAllIsRefused() {
        assertThatThrownBy(() -> new PartsSettings(Path.of("a"), 0, false, false, false))
                .hasMessage("parts: none (expected: at least one of kafka, postgres, redis)");
    }
}
