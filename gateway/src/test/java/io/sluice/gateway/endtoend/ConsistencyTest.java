package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A node looks over what it remembers, and what Redis has of that. */
@EndToEnd
class ConsistencyTest {

    private final String type = Stack.fresh("looked-over");
    private final String path = "/v1/contexts/" + type + "/a";

    private Gateway start(String interval) {
        List<String> settings = new ArrayList<>(Stack.addresses(Stack.endpoints()));
        settings.add("--sluice.types." + type + ".partitions=1");
        settings.add("--sluice.types." + type + ".lane=bulk");
        settings.add("--sluice.consistency.interval=" + interval);
        return Gateway.startWithOwnTypes(settings, List.of());
    }

    private static String health(Gateway gateway, String name) {
        return gateway.api()
                .get("/actuator/health")
                .json()
                .path("components")
                .path("consistency")
                .path("details")
                .path(name)
                .asString("");
    }

    @Test
    void whatACacheSaysOtherwiseThanTheStoreDegradesTheNodeIsCountedAndForgotten() {
        // So long it is degraded, less the second after which it is looked again.
        try (Gateway gateway = start("3s");
                Shared redis = new Shared()) {
            gateway.api().put(path, "{\"plan\":\"gold\"}", WAIT);
            String key = redis.key(type + "-events", "a");
            byte[] spoiled = Shared.with(redis.entry(key), "gold", "lead");
            redis.put(key, spoiled);
            assertThat(gateway.api().get(path).body()).isEqualTo("{\"plan\":\"lead\"}");

            // A Redis that is slow just then keeps it until the next look.
            Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                assertThat(gateway.meter("sluice_consistency_differences_total"))
                        .isGreaterThanOrEqualTo(2);
                assertThat(gateway.api().get(path).body()).isEqualTo("{\"plan\":\"gold\"}");
            });
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> health(gateway, "differences").equals("0"));
            assertThat(gateway.api()
                            .get("/actuator/health")
                            .json()
                            .path("status")
                            .asString())
                    .isEqualTo("UP");
            assertThat(gateway.meter("sluice_consistency_contexts_total")).isPositive();

            // Again and again, to see it while it is so.
            Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                redis.put(key, spoiled);
                gateway.api().get(path);
                var health = gateway.api().get("/actuator/health");
                assertThat(health.json().path("status").asString()).isEqualTo("DEGRADED");
                assertThat(health.status()).isEqualTo(200);
                assertThat(gateway.api()
                                .get("/actuator/health/readiness")
                                .json()
                                .path("status")
                                .asString())
                        .isEqualTo("UP");
            });
        }
    }

    @Test
    void whereNothingIsWrongNothingIsFoundWhileWritesGoOnAndItCanBeSwitchedOff() {
        try (Gateway gateway = start("1s")) {
            gateway.api().put(path, "{\"n\":0}", WAIT);
            double before = gateway.meter("sluice_consistency_contexts_total");
            for (int n = 1; gateway.meter("sluice_consistency_contexts_total") < before + 3; n++) {
                gateway.api().put(path, "{\"n\":" + n + "}", WAIT);
                gateway.api().get(path);
            }
            assertThat(gateway.meter("sluice_consistency_differences_total")).isZero();
        }
        try (Gateway gateway = start("0s")) {
            assertThat(health(gateway, "checked")).isEqualTo("never: it is switched off");
        }
    }
}
