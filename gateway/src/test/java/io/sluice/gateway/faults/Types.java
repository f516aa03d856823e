package io.sluice.gateway.faults;

import io.sluice.backpressure.ContextTypes;
import io.sluice.gateway.policy.ConfiguredTypes;
import io.sluice.gateway.settings.SluiceSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** The types of the contexts that are written: every lane, every policy, lives that end and begin anew. */
final class Types {

    static final String CUSTOMER = "customer";
    static final String INVENTORY = "inventory";
    static final String ORDER = "order";
    static final String ANALYTICS = "analytics";
    static final List<String> ALL = List.of(ANALYTICS, CUSTOMER, INVENTORY, ORDER);

    private static final Map<String, String> SETTINGS = settings();

    private Types() {}

    private static Map<String, String> settings() {
        Map<String, String> all = new LinkedHashMap<>();
        put(all, CUSTOMER, "critical", 2, "/owner=manual");
        all.put("sluice.types.customer.priority", "support-agent, self-service, marketing-automation");
        put(
                all,
                INVENTORY,
                "standard",
                3,
                "/count=counter",
                "/tags=set",
                "/peak=max",
                "/low=min",
                "/origin=first",
                "/price=cel");
        all.put("sluice.types.inventory.policies[5].rule", "candidates[0].value < candidates[1].value ? 0 : 1");
        put(all, ORDER, "standard", 2);
        all.put("sluice.types.order.tombstone-retention", "500ms");
        put(all, ANALYTICS, "bulk", 2, "/note=text", "/board=json");
        return all;
    }

    private static void put(Map<String, String> all, String type, String lane, int partitions, String... policies) {
        String prefix = "sluice.types." + type + ".";
        all.put(prefix + "lane", lane);
        all.put(prefix + "partitions", String.valueOf(partitions));
        for (int i = 0; i < policies.length; i++) {
            String[] policy = policies[i].split("=", 2);
            all.put(prefix + "policies[" + i + "].path", policy[0]);
            all.put(prefix + "policies[" + i + "].policy", policy[1]);
        }
    }

    /** For a gateway. */
    static List<String> arguments() {
        return SETTINGS.entrySet().stream()
                .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
                .toList();
    }

    /** As a gateway understands them. */
    static ContextTypes configured() {
        return ConfiguredTypes.of(new Binder(new MapConfigurationPropertySource(SETTINGS))
                .bind("sluice", SluiceSettings.class)
                .get());
    }
}
