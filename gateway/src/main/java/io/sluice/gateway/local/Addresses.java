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
        Addresses set = set(settings);
        return parts == null ? set : parts.completed(set);
    }

    /**
     * For who looks at systems that somebody else has started: as set, or where the embedded ones are that run on the data folder.
     *
     * @throws io.sluice.gateway.settings.SettingException if one is not set, and the folder names none
     */
    public static Addresses ofRunning(SluiceSettings settings) {
        Addresses set = set(settings);
        return set.isComplete() ? set : LocalParts.running(settings.embedded().dataDir(), set);
    }

    private static Addresses set(SluiceSettings settings) {
        return new Addresses(
                settings.kafka().bootstrapServers(),
                settings.postgres().url(),
                settings.redis().url());
    }

    boolean isComplete() {
        return Stream.of(kafka, postgres, redis).noneMatch(String::isBlank);
    }
}
