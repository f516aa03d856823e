package io.sluice.loadtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {

    @Test
    void whatIsNotSetHasADefault() {
        Settings settings = Settings.of(new Properties());
        assertThat(settings.watchers()).isEqualTo(1000);
        assertThat(settings.address()).hasToString("http://127.0.0.1:8080/v1/contexts/customer/loadtest");
        assertThat(settings.updates()).isEqualTo(25 * 65);
        assertThat(settings.warmupUpdates()).isEqualTo(125);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sluice.url | https://127.0.0.1",
                "sluice.url | http://127.0.0.1:8080/v1",
                "sluice.url | not a url",
                "sluice.context | customer",
                "sluice.context | customer/..",
                "sluice.context | customer/a b",
                "sluice.watchers | 0",
                "sluice.watchers | 1.5",
                "sluice.watchers | many",
                "sluice.rate | 0",
                "sluice.rate | NaN",
                "sluice.duration | 0",
                "sluice.warmup | -1",
                "sluice.patience | 0",
                "sluice.settle | 0",
            })
    void aWrongValueIsRefusedInOneLineThatNamesIt(String name, String value) {
        Properties properties = new Properties();
        properties.setProperty(name, value);
        assertThatExceptionOfType(LoadException.class)
                .isThrownBy(() -> Settings.of(properties))
                .withMessageStartingWith(name + ": \"" + value + "\" (expected: ")
                .withMessageNotContaining("\n");
    }

    @Test
    void anUnknownNameIsRefused() {
        Properties properties = new Properties();
        properties.setProperty("sluice.watcher", "3");
        assertThatExceptionOfType(LoadException.class)
                .isThrownBy(() -> Settings.of(properties))
                .withMessageContaining("sluice.watcher: unknown");
    }

    @Test
    void moreThanCanBeKeptIsRefused() {
        Properties properties = new Properties();
        properties.setProperty("sluice.watchers", "50000");
        properties.setProperty("sluice.rate", "10000");
        assertThatExceptionOfType(LoadException.class).isThrownBy(() -> Settings.of(properties));
    }
}
