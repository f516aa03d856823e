package io.sluice.gateway.repair;

import io.sluice.backpressure.ContextType;
import io.sluice.backpressure.ContextTypes;
import io.sluice.backpressure.EventCodec;
import io.sluice.backpressure.KafkaAppender;
import io.sluice.gateway.local.Addresses;
import io.sluice.gateway.policy.ConfiguredTypes;
import io.sluice.gateway.settings.SettingException;
import io.sluice.gateway.settings.SluiceSettings;
import io.sluice.resolver.Texts;
import java.io.PrintStream;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What can be done with what is stored, from outside of the gateways. Blocks until it is done. Fails with a
 * {@link io.sluice.resolver.ContextException} if a system is away, and with a {@link SettingException} if something is not set as
 * it has to be.
 */
public final class Repair {

    private final SluiceSettings settings;
    private final Addresses addresses;
    private final Collection<ContextType> types;
    private final PrintStream out;

    /** @param types names of the types in question; none: all */
    public Repair(SluiceSettings settings, List<String> types, PrintStream out) {
        this.settings = settings;
        this.types = chosen(ConfiguredTypes.of(settings), types);
        this.addresses = Addresses.ofRunning(settings);
        this.out = out;
    }

    private static Collection<ContextType> chosen(ContextTypes types, List<String> names) {
        Set<ContextType> chosen = new LinkedHashSet<>();
        for (String name : names) {
            chosen.add(types.named(name)
                    .orElseThrow(() -> new SettingException(
                            "--type",
                            "\"" + Texts.shown(name) + "\" is no type (expected: one of "
                                    + types.all().stream()
                                            .map(ContextType::name)
                                            .collect(Collectors.joining(", "))
                                    + ")")));
        }
        return names.isEmpty() ? types.all() : chosen;
    }

    /** @return how many differences there are */
    public long verify() {
        try (Stored stored = Stored.connect(addresses, settings)) {
            return new Verify(stored, codec(), out).run(types);
        }
    }

    public void rebuild() {
        try (Stored stored = Stored.connect(addresses, settings);
                KafkaAppender appender = new KafkaAppender(
                        stored.kafka(),
                        new KafkaAppender.Settings(
                                settings.publishing().timeout(),
                                settings.publishing().maxInFlight().toBytes()))) {
            new Rebuild(stored, appender, codec(), out).run(types);
        }
    }

    private EventCodec codec() {
        return new EventCodec(settings.limits().depth());
    }
}
