package io.sluice.gateway.local;

import io.sluice.embedded.Endpoints;
import io.sluice.embedded.PartsException;
import io.sluice.gateway.settings.SluiceSettings;
import org.jspecify.annotations.Nullable;

/** Where the systems around the gateway are: as set, or where the embedded ones have come up. */
public record Addresses(String kafka, String postgres, String redis) {

    /**
     * Blocks until the embedded parts, if there are any, are ready.
     *
     * @throws IllegalStateException with one line, if they do not come up
     */
    public static Addresses of(SluiceSettings settings, @Nullable LocalParts parts) {
        Endpoints local = parts == null ? new Endpoints(null, null, null) : await(parts);
        return new Addresses(
                either(settings.kafka().bootstrapServers(), local.kafka()),
                either(settings.postgres().url(), local.postgres()),
                either(settings.redis().url(), local.redis()));
    }

    private static Endpoints await(LocalParts parts) {
        try {
            return parts.await();
        } catch (PartsException e) {
            throw new IllegalStateException(e.getMessage());
        }
    }

    private static String either(String set, @Nullable String local) {
        return set.isBlank() && local != null ? local : set;
    }
}
