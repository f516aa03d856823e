package io.sluice.gateway.local;

import io.sluice.gateway.settings.SluiceSettings;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;

/** Where the systems around the gateway are: as set, or where the embedded ones have come up. */
public record Addresses(String kafka, String postgres, String redis) {

    static final String KAFKA = "sluice.kafka.bootstrap-servers";
    static final String POSTGRES = "sluice.postgres.url";
    static final String REDIS = "sluice.redis.url";

    /** Of the settings that say where the systems are, those that are empty: there an embedded one is wanted. */
    public static List<String> missing(Environment environment) {
        return Stream.of(KAFKA, POSTGRES, REDIS)
                .filter(name -> environment.getProperty(name, "").isBlank())
                .toList();
    }

    /**
     * Blocks until the embedded parts, if there are any, are ready.
     *
     * @throws IllegalStateException with one line, if they do not come up
     */
    public static Addresses of(SluiceSettings settings, @Nullable LocalParts parts) {
        Addresses set = new Addresses(
                settings.kafka().bootstrapServers(),
                settings.postgres().url(),
                settings.redis().url());
        return parts == null ? set : parts.completed(set);
    }
}
