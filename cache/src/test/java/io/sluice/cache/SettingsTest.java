package io.sluice.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SettingsTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void aMessageNamesTheSettingItsValueAndWhatWasExpected() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CacheSettings(0, SECOND, SECOND, 1, 1))
                .withMessage("localBytes: 0 (expected: >= 1)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CacheSettings(1, Duration.ZERO, SECOND, 1, 1))
                .withMessage("localTtl: PT0S (expected: >= PT0.001S)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CacheSettings(1, SECOND, SECOND, 0, 1))
                .withMessage("maxLoads: 0 (expected: >= 1)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CacheSettings(1, SECOND, SECOND, 1, -1))
                .withMessage("batchKeys: -1 (expected: >= 1)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FarSettings(SECOND, SECOND, SECOND, SECOND.negated()))
                .withMessage("retryAfter: PT-1S (expected: >= PT0.001S)");
    }

    @Test
    void theDefaultsAreAllowed() {
        assertThat(CacheSettings.defaults()).isNotNull();
        assertThat(FarSettings.defaults()).isNotNull();
    }
}
