package io.sluice.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBehavior;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Up quickly, down slowly. */
class ScalingTest {

    private static void requireHysteresis(HorizontalPodAutoscalerBehavior behavior) {
        assertThat(behavior.getScaleUp().getStabilizationWindowSeconds())
                .isLessThan(behavior.getScaleDown().getStabilizationWindowSeconds());
        assertThat(behavior.getScaleUp().getPolicies()).singleElement().satisfies(policy -> {
            assertThat(policy.getType()).isEqualTo("Percent");
            assertThat(policy.getValue()).isEqualTo(100);
            assertThat(policy.getPeriodSeconds()).isEqualTo(60);
        });
        assertThat(behavior.getScaleDown().getPolicies()).singleElement().satisfies(policy -> {
            assertThat(policy.getType()).isEqualTo("Pods");
            assertThat(policy.getValue()).isEqualTo(1);
            assertThat(policy.getPeriodSeconds()).isEqualTo(300);
        });
    }

    @Test
    void byLoadUpQuicklyAndDownSlowly() {
        Manifest manifest =
                Chart.rendered("autoscaling: {enabled: true, minReplicas: 3, maxReplicas: 9, targetCPU: 60}");
        HorizontalPodAutoscaler scaler = manifest.one(HorizontalPodAutoscaler.class);
        assertThat(scaler.getSpec().getScaleTargetRef().getName()).isEqualTo("prod-sluice");
        assertThat(scaler.getSpec().getMinReplicas()).isEqualTo(3);
        assertThat(scaler.getSpec().getMaxReplicas()).isEqualTo(9);
        assertThat(scaler.getSpec().getMetrics())
                .singleElement()
                .satisfies(metric -> assertThat(metric.getResource().getTarget().getAverageUtilization())
                        .isEqualTo(60));
        requireHysteresis(scaler.getSpec().getBehavior());
        // Else every upgrade would set the number back.
        assertThat(manifest.one(Deployment.class).getSpec().getReplicas()).isNull();
    }

    @Test
    void byLagInEachLane() {
        Manifest manifest = Chart.rendered("autoscaling: {enabled: true, lag: {enabled: true, perReplica: 2000000}}");
        assertThat(manifest.kinds()).doesNotContain("HorizontalPodAutoscaler", "TriggerAuthentication");
        Keda.Scaling scaling = manifest.one(Keda.ScaledObject.class).spec;
        assertThat(scaling.scaleTargetRef().name()).isEqualTo("prod-sluice");
        assertThat(scaling.minReplicaCount()).isEqualTo(2);
        assertThat(scaling.maxReplicaCount()).isEqualTo(10);
        requireHysteresis(scaling.advanced().horizontalPodAutoscalerConfig().behavior());
        List<Keda.Trigger> lanes = scaling.triggers().stream()
                .filter(trigger -> trigger.type().equals("kafka"))
                .toList();
        assertThat(lanes)
                .extracting(trigger -> trigger.metadata().get("consumerGroup"))
                .containsExactly("sluice-resolve-critical", "sluice-resolve-standard", "sluice-resolve-bulk");
        assertThat(lanes).allSatisfy(trigger -> {
            assertThat(trigger.metadata())
                    .containsEntry("bootstrapServers", "kafka:9092")
                    .containsEntry("lagThreshold", "2000000")
                    .doesNotContainKeys("sasl", "tls");
            assertThat(trigger.authenticationRef()).isNull();
        });
        assertThat(scaling.triggers()).anySatisfy(trigger -> {
            assertThat(trigger.type()).isEqualTo("cpu");
            assertThat(trigger.metricType()).isEqualTo("Utilization");
            assertThat(trigger.metadata()).containsEntry("value", "70");
        });
    }

    @Test
    void whoMeasuresTheLagReachesKafkaAsTheGatewayDoes() {
        Manifest manifest = Chart.rendered("""
                kafka:
                  tls: {enabled: true, ca: {secret: cas, key: kafka.crt}}
                  sasl: {mechanism: SCRAM-SHA-256, secret: {name: login}}
                autoscaling: {enabled: true, lag: {enabled: true}}
                """);
        assertThat(manifest.one(Keda.TriggerAuthentication.class).spec.secretTargetRef())
                .containsExactly(
                        new Keda.Secret("username", "login", "user"),
                        new Keda.Secret("password", "login", "password"),
                        new Keda.Secret("ca", "cas", "kafka.crt"));
        assertThat(manifest.one(Keda.ScaledObject.class).spec.triggers())
                .filteredOn(trigger -> trigger.type().equals("kafka"))
                .hasSize(3)
                .allSatisfy(trigger -> {
                    assertThat(trigger.metadata())
                            .containsEntry("sasl", "scram_sha256")
                            .containsEntry("tls", "enable");
                    assertThat(trigger.authenticationRef().name()).isEqualTo("prod-sluice");
                });
        assertThat(Chart.rendered("""
                        kafka: {sasl: {mechanism: PLAIN, secret: {name: login}}}
                        autoscaling: {enabled: true, lag: {enabled: true, authentication: own}}
                        """).kinds()).doesNotContain("TriggerAuthentication");
    }

    @Test
    void theBudgetGoesByTheLowestNumber() {
        assertThat(Chart.rendered("{replicas: 5, autoscaling: {enabled: true, minReplicas: 1}}")
                        .all(PodDisruptionBudget.class))
                .isEmpty();
        PodDisruptionBudget budget = Chart.rendered("{replicas: 1, autoscaling: {enabled: true, minReplicas: 2}}")
                .one(PodDisruptionBudget.class);
        assertThat(budget.getSpec().getUnhealthyPodEvictionPolicy()).isEqualTo("AlwaysAllow");
    }
}
