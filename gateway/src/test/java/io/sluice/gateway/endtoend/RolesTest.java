package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.endtoend.Api.Answer;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** One process for each role, on a cluster of their own types, so that the shared gateway has no part in it. */
@EndToEnd
class RolesTest {

    private static final String[] OWN_TYPES = {"--sluice.types.solo.partitions=1", "--sluice.types.solo.lane=critical"};

    @Test
    void processesWithOneRoleEachMakeOneGateway() {
        String path = "/v1/contexts/solo/" + Stack.fresh("roles");
        try (Gateway publish = start("publish,feed");
                Gateway resolve = start("resolve");
                Gateway feed = start("feed");
                Feed watching = feed.watch(path)) {
            watching.awaitReady();
            Answer written = publish.api().put(path, "{\"a\":1}", WAIT);
            assertThat(written.status()).as(written.toString()).isEqualTo(200);
            assertThat(written.header("Sluice-Resolution")).isEqualTo("applied");
            assertThat(watching.await("update").version()).isEqualTo(1);
            assertThat(feed.api().get(path, "Sluice-Min-Version", "1").body()).isEqualTo("{\"a\":1}");

            for (Gateway none : List.of(resolve, feed)) {
                Answer refused = none.api().put(path, "{\"a\":2}", WAIT);
                assertThat(refused.status()).isEqualTo(405);
                Problems.require(refused, "method-not-allowed");
                assertThat(refused.json().get("detail").asString()).contains("on this node");
            }
            assertThat(resolve.api().get(path).status()).isEqualTo(405);
            assertThat(resolve.meter("sluice_resolutions_total")).isPositive();
            assertThat(publish.meter("sluice_resolutions_total")).isZero();
            assertThat(resolve.api().get("/actuator/health/readiness").status()).isEqualTo(200);
        }
    }

    private static Gateway start(String roles) {
        return Stack.another(Api.with(OWN_TYPES, "--sluice.roles=" + roles));
    }

    @Test
    void whatIsMeasuredCanBeRead() {
        Gateway gateway = Stack.gateway();
        Api api = gateway.api();
        String path = "/v1/contexts/customer/" + Stack.fresh("measured");
        api.put(path, "{\"a\":1}", WAIT);
        Awaitility.await().untilAsserted(() -> {
            String metrics = api.get("/actuator/prometheus").body();
            assertThat(metrics).contains("sluice_lag{partition=\"0\",topic=\"customer-events\"}");
            for (String leg : List.of("read", "load", "fold", "store", "cache", "announce", "receive")) {
                assertThat(metrics).containsPattern("sluice_leg_seconds_count\\{.*leg=\"" + leg + "\"");
            }
            assertThat(metrics)
                    .contains("sluice_resolutions_total{resolution=\"applied\",type=\"customer\"}")
                    .contains("sluice_store_batches_total{lane=\"critical\"}")
                    .contains("sluice_cache_total");
        });
        // Whatever was written has been stored: the lag of every partition comes down to nothing.
        Awaitility.await().until(() -> gateway.meter("sluice_lag") == 0);
        for (String health : List.of("/actuator/health", "/actuator/health/readiness", "/actuator/health/liveness")) {
            assertThat(api.get(health).json().get("status").asString()).isEqualTo("UP");
        }
    }
}
