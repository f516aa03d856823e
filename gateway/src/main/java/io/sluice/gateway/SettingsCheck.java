package io.sluice.gateway;

import io.sluice.gateway.policy.ConfiguredTypes;
import io.sluice.gateway.settings.SluiceSettings;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.UnboundElementsSourceFilter;
import org.springframework.core.env.Environment;

/**
 * Reads all settings before anything is started with them, so that a wrong one is said at once. One that nobody would read is
 * wrong too, but for environment variables and system properties, among which others may have some that look like ours.
 */
final class SettingsCheck {

    static final String ROOT = "sluice";

    private SettingsCheck() {}

    /**
     * What stands behind the command are settings: any other word would be passed over.
     *
     * @throws IllegalArgumentException naming the first that is none, without a value that it may have: it could be a password
     */
    static void requireSettings(String... words) {
        for (String word : words) {
            if (!word.startsWith("--")) {
                throw new IllegalArgumentException(
                        "\"" + name(word)
                                + "\" (expected: a setting, such as --server.port=8081; or first of all parts, verify or rebuild)");
            }
        }
    }

    static String name(String word) {
        return word.replaceFirst("(?s)=.*", "=...");
    }

    /**
     * @throws BindException naming a setting whose value cannot be read, or those that there are not
     * @throws io.sluice.gateway.settings.SettingException naming a setting that cannot be
     */
    static SluiceSettings require(Environment environment) {
        SluiceSettings settings = Binder.get(environment)
                .bindOrCreate(
                        ROOT,
                        Bindable.of(SluiceSettings.class),
                        new NoUnboundElementsBindHandler(BindHandler.DEFAULT, new UnboundElementsSourceFilter()));
        ConfiguredTypes.of(settings);
        return settings;
    }
}
