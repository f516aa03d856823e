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
