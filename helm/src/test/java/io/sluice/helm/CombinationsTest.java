package io.sluice.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.LintResult;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Everything that can be switched on, with everything else: what comes of it is read strictly, and hangs together. */
class CombinationsTest {

    private static final Map<String, String> SWITCHES = new LinkedHashMap<>();

    static {
        SWITCHES.put("by role", "byRole: {publish: {}, resolve: {replicas: 3}, feed: {replicas: 1}}");
        SWITCHES.put("publish with feed", "byRole: {resolve: {}, feed: {roles: [publish, feed]}}");
        SWITCHES.put("autoscaling", "autoscaling: {enabled: true}");
        SWITCHES.put(
                "lag",
                "{autoscaling: {lag: {enabled: true}}, byRole: {resolve: {autoscaling: {enabled: true}}, feed: {autoscaling: {lag: {enabled: false}}}, publish: {autoscaling: {lag: {enabled: false}}}}}");
        SWITCHES.put("network policy", """
                networkPolicy:
                  enabled: true
                  from: [{namespaceSelector: {matchLabels: {edge: "true"}}}]
                  to: [{ipBlock: {cidr: 10.0.0.0/8}}]
                  extraEgress: [{ports: [{port: 4318, protocol: TCP}]}]
                """);
        SWITCHES.put("monitoring", "serviceMonitor: {enabled: true, labels: {release: prometheus}}");
        SWITCHES.put(
                "ingress",
                "ingress: {enabled: true, className: edge, host: a.example.com, tlsSecret: tls, annotations: {x: own}}");
        SWITCHES.put(
                "gateway", "gatewayApi: {enabled: true, parentRefs: [{name: public}], hostnames: [a.example.com]}");
        SWITCHES.put("encryption", """
                kafka: {tls: {enabled: true, ca: {secret: cas}}, sasl: {mechanism: SCRAM-SHA-512, secret: {name: login}}}
                postgres: {credentials: {secret: login}, tls: {ca: {secret: cas, key: pg.crt}}}
                redis: {credentials: {secret: login}, tls: {ca: {secret: cas}}}
                """);
        SWITCHES.put(
                "configuration",
                "{config: {sluice: {limits: {body: 2MB}}}, secretConfig: more, podAnnotations: {a: b}}");
        SWITCHES.put("no account", "serviceAccount: {create: false}");
        SWITCHES.put("spread", "topologySpread: {node: DoNotSchedule, zone: DoNotSchedule}");
        SWITCHES.put("long name", "fullnameOverride: " + "a".repeat(63));
        SWITCHES.put("one", "replicas: 1");
        SWITCHES.put(
                "types", "{types: {shipment: {lane: bulk}}, extraEnv: [{name: SLUICE_LIMITS_DEPTH, value: \"5\"}]}");
    }

    /** An ingress needs another host where reads and writes part. */
    private static final String PARTED = "ingress: {publishHost: b.example.com}";

    static Stream<List<String>> combinations() {
        List<String> names = List.copyOf(SWITCHES.keySet());
        List<List<String>> all = new ArrayList<>();
        all.add(List.of());
        for (int i = 0; i < names.size(); i++) {
            all.add(List.of(names.get(i)));
            for (int j = i + 1; j < names.size(); j++) {
                all.add(List.of(names.get(i), names.get(j)));
            }
        }
        List<String> most = new ArrayList<>(names);
        most.remove("publish with feed");
        all.add(most);
        return all.stream();
    }

    private static String values(List<String> names) {
        List<String> files = new ArrayList<>(names.stream().map(SWITCHES::get).toList());
        if (names.contains("ingress") && (names.contains("by role") || names.contains("lag"))) {
            files.add(PARTED);
        }
        return Chart.merged(files);
    }

    @ParameterizedTest
    @MethodSource("combinations")
    void everyCombinationHangsTogether(List<String> names) {
        Manifest manifest = Chart.rendered(values(names));
        requireNames(manifest);
        manifest.all(Deployment.class).forEach(CombinationsTest::requireGateway);
        requireSelectors(manifest);
        requireTargets(manifest);
        requireBackends(manifest);
    }

    private static void requireNames(Manifest manifest) {
        assertThat(manifest.objects())
                .extracting(
                        object -> object.getKind() + " " + object.getMetadata().getName())
                .doesNotHaveDuplicates()
                .allSatisfy(name ->
                        assertThat(name.substring(name.indexOf(' ') + 1)).hasSizeLessThanOrEqualTo(63));
        assertThat(manifest.objects())
                .allSatisfy(object -> assertThat(object.getMetadata().getLabels())
                        .containsEntry("app.kubernetes.io/instance", "prod")
                        .allSatisfy((key, value) -> assertThat(value).hasSizeLessThanOrEqualTo(63)));
    }

    private static void requireGateway(Deployment deployment) {
        PodSpec pod = deployment.getSpec().getTemplate().getSpec();
        Container gateway = pod.getContainers().getFirst();
        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(gateway.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(gateway.getEnv()).extracting(EnvVar::getName).doesNotHaveDuplicates();
        Set<String> volumes = pod.getVolumes().stream().map(Volume::getName).collect(Collectors.toSet());
        assertThat(gateway.getVolumeMounts())
                .extracting(VolumeMount::getName)
                .containsExactlyInAnyOrderElementsOf(volumes);
        assertThat(gateway.getVolumeMounts())
                .extracting(VolumeMount::getMountPath)
                .doesNotHaveDuplicates();
        assertThat(deployment.getSpec().getTemplate().getMetadata().getLabels())
                .containsAllEntriesOf(deployment.getSpec().getSelector().getMatchLabels());
        assertThat(pod.getTopologySpreadConstraints()).hasSize(2);
    }

    private static void requireSelectors(Manifest manifest) {
        for (Service service : manifest.all(Service.class)) {
            assertThat(selected(manifest, service.getSpec().getSelector()))
                    .containsExactly(service.getMetadata().getName());
        }
        for (PodDisruptionBudget budget : manifest.all(PodDisruptionBudget.class)) {
            assertThat(selected(manifest, budget.getSpec().getSelector().getMatchLabels()))
                    .containsExactly(budget.getMetadata().getName());
        }
    }

    private static List<String> selected(Manifest manifest, Map<String, String> selector) {
        return manifest.all(Deployment.class).stream()
                .filter(deployment -> deployment
                        .getSpec()
                        .getTemplate()
                        .getMetadata()
                        .getLabels()
                        .entrySet()
                        .containsAll(selector.entrySet()))
                .map(deployment -> deployment.getMetadata().getName())
                .toList();
    }

    private static void requireTargets(Manifest manifest) {
        List<String> targets = new ArrayList<>();
        manifest.all(HorizontalPodAutoscaler.class)
                .forEach(scaler ->
                        targets.add(scaler.getSpec().getScaleTargetRef().getName()));
        manifest.all(Keda.ScaledObject.class).forEach(scaler -> {
            targets.add(scaler.spec.scaleTargetRef().name());
            scaler.spec.triggers().stream()
                    .filter(trigger -> trigger.authenticationRef() != null)
                    .forEach(trigger -> manifest.named(
                            Keda.TriggerAuthentication.class,
                            trigger.authenticationRef().name()));
        });
        assertThat(targets).doesNotHaveDuplicates();
        for (Deployment deployment : manifest.all(Deployment.class)) {
            // Whoever scales says how many, and nobody else.
            assertThat(deployment.getSpec().getReplicas() == null)
                    .isEqualTo(targets.contains(deployment.getMetadata().getName()));
        }
        targets.forEach(target -> manifest.named(Deployment.class, target));
    }

    private static void requireBackends(Manifest manifest) {
        List<String> backends = new ArrayList<>();
        manifest.all(Ingress.class).stream()
                .flatMap(ingress -> ingress.getSpec().getRules().stream())
                .flatMap(rule -> rule.getHttp().getPaths().stream())
                .forEach(path -> backends.add(path.getBackend().getService().getName()));
        manifest.all(HTTPRoute.class).stream()
                .flatMap(route -> route.getSpec().getRules().stream())
                .flatMap(rule -> rule.getBackendRefs().stream())
                .forEach(backend -> backends.add(backend.getName()));
        backends.forEach(backend -> manifest.named(Service.class, backend));
        assertThat(backends).noneMatch(backend -> backend.endsWith("-resolve"));
    }

    @Test
    void everythingAtOnceIsWithoutAWarning() {
        List<String> most = new ArrayList<>(SWITCHES.keySet());
        most.remove("publish with feed");
        for (List<String> names : List.of(most, List.of("publish with feed", "ingress", "gateway", "encryption"))) {
            LintResult result = Chart.lint(values(names));
            assertThat(result.isFailed())
                    .as(String.join("\n", result.getMessages()))
                    .isFalse();
            assertThat(result.getMessages()).noneMatch(message -> message.contains("[WARNING]"));
        }
    }

    @Test
    void everyKindThatThereIsIsAmongThem() {
        Set<String> kinds = combinations()
                .filter(names -> names.size() < 2 || names.size() > 2)
                .map(names -> Chart.rendered(values(names)))
                .flatMap(manifest -> manifest.objects().stream())
                .map(HasMetadata::getKind)
                .collect(Collectors.toSet());
        assertThat(kinds).hasSize(12);
    }
}
