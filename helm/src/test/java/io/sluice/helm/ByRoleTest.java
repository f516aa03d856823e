package io.sluice.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import org.junit.jupiter.api.Test;

/** A Deployment for each role. */
class ByRoleTest {

    private static final String EACH = "byRole: {publish: {}, resolve: {}, feed: {}}";

    @Test
    void eachRoleHasPodsAndAServiceOfItsOwn() {
        Manifest manifest = Chart.rendered(EACH);
        assertThat(manifest.all(Deployment.class))
                .extracting(deployment -> deployment.getMetadata().getName())
                .containsExactly("prod-sluice-publish", "prod-sluice-resolve", "prod-sluice-feed");
        for (String role : new String[] {"publish", "resolve", "feed"}) {
            Deployment deployment = manifest.named(Deployment.class, "prod-sluice-" + role);
            assertThat(Pods.environment(deployment)).containsEntry("SLUICE_ROLES", role);
            assertThat(deployment.getSpec().getReplicas()).isEqualTo(2);
            Service service = manifest.named(Service.class, "prod-sluice-" + role);
            assertThat(service.getSpec().getSelector())
                    .isEqualTo(deployment.getSpec().getSelector().getMatchLabels())
                    .containsEntry("app.kubernetes.io/component", role);
        }
    }

    @Test
    void whatARoleDoesNotSayIsAsAtTheTop() {
        Manifest manifest = Chart.rendered("""
                replicas: 3
                javaOptions: -Xmx1g
                nodeSelector: {disk: ssd}
                byRole:
                  resolve: {}
                  feed: {replicas: 1, javaOptions: -Xmx4g, resources: {limits: {memory: 8Gi}}, nodeSelector: {net: fast}}
                """);
        Deployment resolve = manifest.named(Deployment.class, "prod-sluice-resolve");
        Deployment feed = manifest.named(Deployment.class, "prod-sluice-feed");
        assertThat(resolve.getSpec().getReplicas()).isEqualTo(3);
        assertThat(Pods.environment(resolve)).containsEntry("JAVA_TOOL_OPTIONS", "-Xmx1g");
        assertThat(Pods.pod(resolve).getNodeSelector()).containsOnlyKeys("disk");
        assertThat(feed.getSpec().getReplicas()).isEqualTo(1);
        assertThat(Pods.environment(feed)).containsEntry("JAVA_TOOL_OPTIONS", "-Xmx4g");
        assertThat(Pods.pod(feed).getNodeSelector()).containsKeys("disk", "net");
        assertThat(Pods.gateway(feed).getResources().getLimits()).containsEntry("memory", new Quantity("8Gi"));
        assertThat(Pods.gateway(feed).getResources().getRequests()).containsEntry("memory", new Quantity("2Gi"));
        assertThat(manifest.all(PodDisruptionBudget.class))
                .singleElement()
                .satisfies(budget -> assertThat(budget.getMetadata().getName()).isEqualTo("prod-sluice-resolve"));
    }

    @Test
    void whoPublishesOverWebSocketIsServedByPodsThatDoBoth() {
        Manifest manifest = Chart.rendered("byRole: {resolve: {}, feed: {roles: [publish, feed]}}");
        assertThat(Pods.environment(manifest.named(Deployment.class, "prod-sluice-feed")))
                .containsEntry("SLUICE_ROLES", "publish,feed");
    }

    @Test
    void podsThatDoBothLeaveReadsToThoseThatAreForReads() {
        String notes = Chart.notes("byRole: {publish: {roles: [publish, feed]}, resolve: {}, feed: {}}");
        assertThat(notes).contains("service/prod-sluice-feed 8080:80", "service/prod-sluice-publish 8081:80");
    }

    @Test
    void podsThatOnlyResolveAreNotOpenedToTheWorld() {
        Manifest manifest = Chart.rendered(Chart.merged(java.util.List.of(EACH, "service: {type: LoadBalancer}")));
        assertThat(manifest.named(Service.class, "prod-sluice-resolve")
                        .getSpec()
                        .getType())
                .isEqualTo("ClusterIP");
        assertThat(manifest.named(Service.class, "prod-sluice-feed").getSpec().getType())
                .isEqualTo("LoadBalancer");
    }

    @Test
    void theNotesNameWhatIsInstalledAndWhatIsMissing() {
        assertThat(Chart.notes(EACH))
                .contains("prod-sluice-resolve: 2, each to resolve")
                .contains("service/prod-sluice-feed 8080:80", "service/prod-sluice-publish 8081:80")
                .doesNotContain("Nobody here");
        assertThat(Chart.notes("byRole: {feed: {autoscaling: {enabled: true}}}"))
                .contains("prod-sluice-feed: 2 to 10, each to feed")
                .contains("Nobody here has the role publish", "Nobody here has the role resolve");
    }
}
