package io.sluice.gateway.ops;

import io.sluice.gateway.local.Addresses;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/** The lines that whoever has started the gateway reads first. */
record Welcome(int port, Addresses addresses) {

    String url() {
        return "http://127.0.0.1:" + port;
    }

    String text() {
        return """

                Sluice is ready after %s s: %s
                  kafka     %s
                  postgres  %s
                  redis     %s

                Watch a context:  curl -N -H 'Accept: text/event-stream' %2$s/v1/contexts/customer/67890
                Write to it:      curl -X PATCH %2$s/v1/contexts/customer/67890 -H 'Content-Type: application/merge-patch+json' -d '{"name":"Ada","plan":"gold"}'
                """.formatted(
                        seconds(),
                        url(),
                        addresses.kafka(),
                        withoutPassword(addresses.postgres()),
                        withoutPassword(addresses.redis()));
    }

    /** Since the process began, the search for a newer Java included. */
    private static String seconds() {
        long began = Long.getLong(
                "sluice.started-at", ManagementFactory.getRuntimeMXBean().getStartTime());
        return String.format(Locale.ROOT, "%.1f", (System.currentTimeMillis() - began) / 1000.0);
    }

    private static String withoutPassword(String url) {
        return url.replaceFirst("//([^:@/]*):[^@/]*@", "//$1:...@");
    }
}
