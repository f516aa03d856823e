package io.sluice.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.LintResult;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ChartTest {

    @Test
    void theChartIsWithoutAWarning() {
        LintResult result = Chart.lint();
        assertThat(result.isFailed())
                .as(String.join("\n", result.getMessages()))
                .isFalse();
        assertThat(result.getMessages()).noneMatch(message -> message.contains("[WARNING]"));
    }

    @Test
    void theGatewayOfTheChartIsTheOneBesideIt() throws Exception {
        assertThat(Files.readAllLines(Chart.FOLDER.resolve("Chart.yaml")))
                .contains("appVersion: " + System.getProperty("project.version"));
    }

    @Test
    void whatHasADefaultNeedNotBeSaid() {
        Manifest manifest = Chart.rendered("");
        assertThat(manifest.kinds())
                .containsExactlyInAnyOrder("Deployment", "Service", "ServiceAccount", "PodDisruptionBudget");
        assertThat(manifest.objects()).allSatisfy(object -> {
            assertThat(object.getMetadata().getName()).isEqualTo("prod-sluice");
            assertThat(object.getMetadata().getLabels())
                    .containsEntry("app.kubernetes.io/name", "sluice")
                    .containsEntry("app.kubernetes.io/instance", "prod")
                    .containsEntry("app.kubernetes.io/managed-by", "Helm");
        });
    }

    @Test
    void serviceAndBudgetSelectThePods() {
        Manifest manifest = Chart.rendered("");
        Map<String, String> selector =
                manifest.one(Deployment.class).getSpec().getSelector().getMatchLabels();
        assertThat(selector).isNotEmpty();
        assertThat(manifest.one(Deployment.class)
                        .getSpec()
                        .getTemplate()
                        .getMetadata()
                        .getLabels())
                .containsAllEntriesOf(selector);
        assertThat(manifest.one(Service.class).getSpec().getSelector()).isEqualTo(selector);
        assertThat(manifest.one(PodDisruptionBudget.class)
                        .getSpec()
                        .getSelector()
                        .getMatchLabels())
                .isEqualTo(selector);
    }

    @Test
    void theServiceLeadsToThePortThatTheGatewayListensOn() {
        Manifest manifest = Chart.rendered("{port: 9000, service: {port: 8888}}");
        Container gateway = gateway(manifest);
        assertThat(environment(manifest)).containsEntry("SERVER_PORT", "9000");
        assertThat(gateway.getPorts()).singleElement().satisfies(port -> {
            assertThat(port.getName()).isEqualTo("http");
            assertThat(port.getContainerPort()).isEqualTo(9000);
        });
        assertThat(manifest.one(Service.class).getSpec().getPorts())
                .singleElement()
                .satisfies(port -> {
                    assertThat(port.getPort()).isEqualTo(8888);
                    assertThat(port.getTargetPort().getStrVal()).isEqualTo("http");
                });
    }

    @Test
    void theProbesAskTheGatewayItself() {
        Container gateway = gateway(Chart.rendered("probes: {startupSeconds: 31}"));
        assertThat(gateway.getLivenessProbe().getHttpGet().getPath()).isEqualTo("/actuator/health/liveness");
        assertThat(gateway.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/actuator/health/readiness");
        assertThat(gateway.getStartupProbe().getHttpGet().getPath()).isEqualTo("/actuator/health/liveness");
        assertThat(List.of(gateway.getLivenessProbe(), gateway.getReadinessProbe(), gateway.getStartupProbe()))
                .allSatisfy(probe ->
                        assertThat(probe.getHttpGet().getPort().getStrVal()).isEqualTo("http"));
        assertThat(gateway.getStartupProbe().getFailureThreshold()
                        * gateway.getStartupProbe().getPeriodSeconds())
                .isEqualTo(32);
    }

    @Test
    void aPodMayDoNothingButServe() {
        PodSpec pod = pod(Chart.rendered(""));
        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getSecurityContext().getRunAsUser()).isPositive();
        assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        assertThat(pod.getAutomountServiceAccountToken()).isFalse();
        assertThat(pod.getEnableServiceLinks()).isFalse();
        Container gateway = pod.getContainers().getFirst();
        assertThat(gateway.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(gateway.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(gateway.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(gateway.getVolumeMounts())
                .extracting(VolumeMount::getMountPath)
                .containsExactly("/tmp");
        assertThat(pod.getVolumes())
                .singleElement()
                .satisfies(volume ->
                        assertThat(volume.getEmptyDir().getSizeLimit()).isEqualTo(new Quantity("256Mi")));
    }

    @Test
    void aPodIsStoppedSlowly() {
        PodSpec pod = pod(Chart.rendered("termination: {delaySeconds: 7, graceSeconds: 90}"));
        assertThat(pod.getTerminationGracePeriodSeconds()).isEqualTo(90);
        assertThat(pod.getContainers()
                        .getFirst()
                        .getLifecycle()
                        .getPreStop()
                        .getSleep()
                        .getSeconds())
                .isEqualTo(7);
    }

    @Test
    void withoutADelayAPodIsToldToStopAtOnce() {
        assertThat(gateway(Chart.rendered("termination: {delaySeconds: 0}")).getLifecycle())
                .isNull();
    }

    @Test
    void theOtherSystemsAreNamedInTheEnvironmentAndTheirSecretsStaySecret() {
        Manifest manifest = Chart.rendered("{postgres: {secret: {key: pg}}, redis: {secret: {name: database}}}");
        assertThat(environment(manifest)).containsEntry("SLUICE_KAFKA_BOOTSTRAP_SERVERS", "kafka:9092");
        assertThat(secret(manifest, "SLUICE_POSTGRES_URL")).isEqualTo("database/pg");
        assertThat(secret(manifest, "SLUICE_REDIS_URL")).isEqualTo("database/url");
    }

    @Test
    void severalBrokersAreOneValue() {
        assertThat(environment(Chart.rendered("kafka: {bootstrapServers: \"a:9092,[fd00::1]:9093\"}")))
                .containsEntry("SLUICE_KAFKA_BOOTSTRAP_SERVERS", "a:9092,[fd00::1]:9093");
    }

    @Test
    void rolesTypesAndFurtherSettingsAreInTheEnvironment() {
        Manifest manifest = Chart.rendered("""
                roles: [publish, feed]
                types:
                  shipment: {lane: critical, partitions: 12, tombstoneRetention: 3d}
                  customer: {topic: crm}
                extraEnv:
                  - {name: SLUICE_LIMITS_BODY, value: 2MB}
                  - {name: TOKEN, valueFrom: {secretKeyRef: {name: own, key: token}}}
                javaOptions: -Xmx1g
                """);
        assertThat(environment(manifest))
                .containsEntry("SLUICE_ROLES", "publish,feed")
                .containsEntry("SLUICE_TYPES_SHIPMENT_LANE", "critical")
                .containsEntry("SLUICE_TYPES_SHIPMENT_PARTITIONS", "12")
                .containsEntry("SLUICE_TYPES_SHIPMENT_TOMBSTONERETENTION", "3d")
                .containsEntry("SLUICE_TYPES_CUSTOMER_TOPIC", "crm")
                .containsEntry("SLUICE_LIMITS_BODY", "2MB")
                .containsEntry("JAVA_TOOL_OPTIONS", "-Xmx1g");
        assertThat(secret(manifest, "TOKEN")).isEqualTo("own/token");
    }

    @Test
    void withoutTypesTheGatewayHasItsOwn() {
        assertThat(environment(Chart.rendered("")).keySet()).noneMatch(name -> name.startsWith("SLUICE_TYPES_"));
        assertThat(environment(Chart.rendered(""))).containsEntry("SLUICE_ROLES", "publish,resolve,feed");
    }

    @Test
    void oneGatewayHasNoBudgetThatWouldHoldUpEveryNode() {
        assertThat(Chart.rendered("replicas: 1").kinds()).doesNotContain("PodDisruptionBudget");
        assertThat(Chart.rendered("replicas: 1").one(Deployment.class).getSpec().getReplicas())
                .isEqualTo(1);
        PodDisruptionBudget three = Chart.rendered("{replicas: 3, podDisruptionBudget: {maxUnavailable: 50%}}")
                .one(PodDisruptionBudget.class);
        assertThat(three.getSpec().getMaxUnavailable().getStrVal()).isEqualTo("50%");
    }

    @Test
    void theImageIsAValue() {
        Container byDefault = gateway(Chart.rendered(""));
        assertThat(byDefault.getImage()).isEqualTo("sluice:" + System.getProperty("project.version"));
        Manifest own = Chart.rendered(
                "image: {repository: 'registry.example:5000/team/sluice', tag: abc, pullSecrets: [{name: reg}]}");
        assertThat(gateway(own).getImage()).isEqualTo("registry.example:5000/team/sluice:abc");
        assertThat(pod(own).getImagePullSecrets())
                .singleElement()
                .satisfies(secret -> assertThat(secret.getName()).isEqualTo("reg"));
    }

    @Test
    void anAccountThatIsThereAlreadyIsUsed() {
        Manifest manifest = Chart.rendered("serviceAccount: {create: false, name: other}");
        assertThat(manifest.kinds()).doesNotContain("ServiceAccount");
        assertThat(pod(manifest).getServiceAccountName()).isEqualTo("other");
        assertThat(pod(Chart.rendered("serviceAccount: {create: false}")).getServiceAccountName())
                .isEqualTo("default");
        assertThat(pod(Chart.rendered("serviceAccount: {name: mine}")).getServiceAccountName())
                .isEqualTo(Chart.rendered("serviceAccount: {name: mine}")
                        .one(ServiceAccount.class)
                        .getMetadata()
                        .getName());
    }

    @Test
    void whereAndHowPodsRunCanBeSaid() {
        Manifest manifest = Chart.rendered("""
                podAnnotations: {team: a}
                podLabels: {tier: b}
                nodeSelector: {disk: ssd}
                tolerations: [{key: k, operator: Exists}]
                affinity:
                  nodeAffinity:
                    preferredDuringSchedulingIgnoredDuringExecution:
                      - {weight: 1, preference: {matchExpressions: [{key: z, operator: Exists}]}}
                resources: {limits: {cpu: 2}}
                service: {type: LoadBalancer, annotations: {x: "y"}}
                serviceAccount: {annotations: {role: r}}
                fullnameOverride: gate
                """);
        assertThat(pod(manifest).getNodeSelector()).containsEntry("disk", "ssd");
        assertThat(pod(manifest).getTolerations()).hasSize(1);
        assertThat(pod(manifest).getAffinity().getNodeAffinity()).isNotNull();
        assertThat(gateway(manifest).getResources().getLimits()).containsEntry("cpu", new Quantity("2"));
        assertThat(manifest.objects())
                .extracting(object -> object.getMetadata().getName())
                .containsOnly("gate");
        ObjectMeta pods = manifest.one(Deployment.class).getSpec().getTemplate().getMetadata();
        assertThat(pods.getLabels()).containsEntry("tier", "b");
        assertThat(pods.getAnnotations()).containsEntry("team", "a");
        assertThat(manifest.one(Service.class).getMetadata().getAnnotations()).containsEntry("x", "y");
        assertThat(manifest.one(Service.class).getSpec().getType()).isEqualTo("LoadBalancer");
        assertThat(manifest.one(ServiceAccount.class).getMetadata().getAnnotations())
                .containsEntry("role", "r");
    }

    @Test
    void theNotesSayThatThereIsNoImageUntilOneIsNamed() {
        assertThat(Chart.notes(""))
                .contains("No image of Sluice is published yet")
                .contains("kubectl -n sync port-forward service/prod-sluice 8080:80");
        assertThat(Chart.notes("image: {repository: registry.example/sluice}"))
                .contains("registry.example/sluice:")
                .doesNotContain("No image of Sluice is published yet");
    }

    private static PodSpec pod(Manifest manifest) {
        return manifest.one(Deployment.class).getSpec().getTemplate().getSpec();
    }

    private static Container gateway(Manifest manifest) {
        assertThat(pod(manifest).getContainers()).hasSize(1);
        return pod(manifest).getContainers().getFirst();
    }

    /** Those that have a value; no name is there twice. */
    private static Map<String, String> environment(Manifest manifest) {
        return gateway(manifest).getEnv().stream()
                .filter(variable -> variable.getValue() != null)
                .collect(Collectors.toMap(EnvVar::getName, EnvVar::getValue));
    }

    /** As {@code <secret>/<key>}. */
    private static String secret(Manifest manifest, String name) {
        return gateway(manifest).getEnv().stream()
                .filter(variable -> variable.getName().equals(name))
                .map(variable -> variable.getValueFrom().getSecretKeyRef())
                .map(reference -> reference.getName() + "/" + reference.getKey())
                .collect(Collectors.joining(" and "));
    }
}
