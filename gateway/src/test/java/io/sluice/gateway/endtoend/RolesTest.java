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
                requireMisdirected(refused, "publish");
            }
            assertThat(resolve.meter("sluice_resolutions_total")).isPositive();
            assertThat(publish.meter("sluice_resolutions_total")).isZero();
            assertThat(resolve.api().get("/actuator/health/readiness").status()).isEqualTo(200);
        }
    }

    @Test
    void whatAnotherRoleServesIsAnsweredWithItsName() {
        String path = "/v1/contexts/solo/" + Stack.fresh("roles");
        try (Gateway resolve = start("resolve");
                Gateway publish = start("publish")) {
            Api none = resolve.api();
            requireMisdirected(none.put(path, "{}"), "publish");
            requireMisdirected(none.patch(path, "{}"), "publish");
            requireMisdirected(none.delete(path), "publish");
            requireMisdirected(none.post("/v1/events", "{}", "Content-Type", "application/json"), "publish");
            for (Gateway withoutFeeds : List.of(resolve, publish)) {
                Api api = withoutFeeds.api();
                for (String read : List.of(
                        path,
                        path + "/history",
                        path + "/conflicts",
                        "/v1/contexts/solo",
                        "/v1/conflicts/solo",
                        "/v1/feeds",
                        "/connection/websocket")) {
                    requireMisdirected(api.get(read), "feed");
                }
                requireMisdirected(api.get(path, "Accept", "text/event-stream"), "feed");
                requireMisdirected(api.post("/v1/queries/at", "{}", "Content-Type", "application/json"), "feed");
                // What nobody serves is not to be had elsewhere.
                assertThat(api.post(path, "{}").status()).isEqualTo(405);
                assertThat(api.get("/v1/nothing").status()).isEqualTo(404);
                assertThat(api.get("/actuator/health/readiness").status()).isEqualTo(200);
            }
            assertThat(publish.api().put(path, "{}").status()).isEqualTo(202);
        }
    }

    private static void requireMisdirected(Answer answer, String role) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(421);
        Problems.require(answer, "misdirected");
        assertThat(answer.json().get("detail").asString())
                .isEqualTo("node: without the role " + role + " (expected: one whose sluice.roles has it)");
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
        assertThat(api.get(path).status()).isEqualTo(200);
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
