package io.sluice.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRouteRule;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** How clients and Prometheus come in, and who else does not. */
class EdgeTest {

    private static final String PARTED = "byRole: {publish: {}, resolve: {}, feed: {}}";

    @Test
    void anIngressHoldsNothingBackAndCutsNothingOff() {
        Ingress ingress = Chart.rendered(
                        "ingress: {enabled: true, className: edge, host: a.example.com, tlsSecret: tls}")
                .one(Ingress.class);
        String nginx = "nginx.ingress.kubernetes.io/";
        assertThat(ingress.getMetadata().getAnnotations())
                .containsEntry(nginx + "proxy-buffering", "off")
                .containsEntry(nginx + "proxy-request-buffering", "off")
                .containsEntry(nginx + "proxy-http-version", "1.1")
                .containsEntry(nginx + "proxy-read-timeout", "3600")
                .containsEntry(nginx + "proxy-send-timeout", "3600");
        assertThat(ingress.getSpec().getIngressClassName()).isEqualTo("edge");
        assertThat(ingress.getSpec().getTls()).singleElement().satisfies(tls -> {
            assertThat(tls.getHosts()).containsExactly("a.example.com");
            assertThat(tls.getSecretName()).isEqualTo("tls");
        });
        assertThat(services(ingress)).isEqualTo(Map.of("a.example.com", "prod-sluice"));
        IngressRule rule = ingress.getSpec().getRules().getFirst();
        assertThat(rule.getHttp().getPaths())
                .extracting(path -> path.getPath())
                .containsExactly("/v1", "/connection", "/problems");
    }

    @Test
    void anotherControllerHasOtherAnnotationsAndOwnOnesCount() {
        assertThat(annotations("controller: haproxy"))
                .containsEntry("haproxy.org/timeout-tunnel", "1h")
                .allSatisfy((name, value) -> assertThat(name).startsWith("haproxy.org/"));
        assertThat(annotations("controller: traefik")).isNullOrEmpty();
        assertThat(annotations("annotations: {nginx.ingress.kubernetes.io/proxy-read-timeout: '60', x: own}"))
                .containsEntry("nginx.ingress.kubernetes.io/proxy-read-timeout", "60")
                .containsEntry("nginx.ingress.kubernetes.io/proxy-buffering", "off")
                .containsEntry("x", "own");
    }

    private static Map<String, String> annotations(String more) {
        return Chart.rendered("ingress: {enabled: true, host: a.example.com, " + more + "}")
                .one(Ingress.class)
                .getMetadata()
                .getAnnotations();
    }

    @Test
    void readsAndWritesOfDifferentPodsHaveDifferentHosts() {
        Ingress ingress = Chart.rendered(Chart.merged(List.of(
                        PARTED,
                        "ingress: {enabled: true, host: a.example.com, publishHost: b.example.com, tlsSecret: tls}")))
                .one(Ingress.class);
        assertThat(services(ingress))
                .isEqualTo(Map.of("a.example.com", "prod-sluice-feed", "b.example.com", "prod-sluice-publish"));
        assertThat(ingress.getSpec().getTls().getFirst().getHosts()).containsExactly("a.example.com", "b.example.com");
    }

    /** Of each host, all of whose paths lead to one. */
    private static Map<String, String> services(Ingress ingress) {
        Map<String, String> services = new TreeMap<>();
        for (IngressRule rule : ingress.getSpec().getRules()) {
            rule.getHttp()
                    .getPaths()
                    .forEach(path -> services.merge(
                            rule.getHost(),
                            path.getBackend().getService().getName(),
                            (a, b) -> a.equals(b) ? a : a + " or " + b));
        }
        return services;
    }

    @Test
    void aRouteHasNoTimeLimit() {
        HTTPRoute route = Chart.rendered(
                        "gatewayApi: {enabled: true, parentRefs: [{name: public, namespace: edge}], hostnames: [a.example.com]}")
                .one(HTTPRoute.class);
        assertThat(route.getSpec().getParentRefs())
                .singleElement()
                .satisfies(parent -> assertThat(parent.getNamespace()).isEqualTo("edge"));
        assertThat(route.getSpec().getHostnames()).containsExactly("a.example.com");
        assertThat(route.getSpec().getRules()).singleElement().satisfies(rule -> {
            assertThat(rule.getTimeouts().getRequest()).isEqualTo("0s");
            assertThat(rule.getBackendRefs().getFirst().getName()).isEqualTo("prod-sluice");
            assertThat(rule.getBackendRefs().getFirst().getPort()).isEqualTo(80);
            assertThat(rule.getMatches())
                    .extracting(match -> match.getPath().getValue())
                    .containsExactly("/v1", "/connection", "/problems");
        });
    }

    @Test
    void aRouteTellsReadsAndWritesApartByTheirMethods() {
        List<HTTPRouteRule> rules = Chart.rendered(
                        Chart.merged(List.of(PARTED, "gatewayApi: {enabled: true, parentRefs: [{name: public}]}")))
                .one(HTTPRoute.class)
                .getSpec()
                .getRules();
        assertThat(rules)
                .extracting(rule -> rule.getBackendRefs().getFirst().getName())
                .containsExactly("prod-sluice-publish", "prod-sluice-feed");
        assertThat(rules.getFirst().getMatches())
                .extracting(match -> match.getMethod() + " " + match.getPath().getValue())
                .containsExactly("PUT /v1/contexts", "PATCH /v1/contexts", "DELETE /v1/contexts", "null /v1/events");
    }

    @Test
    void aPolicyLetsInHttpAndOutWhatIsNeeded() {
        NetworkPolicy policy = Chart.rendered("""
                        kafka: {bootstrapServers: "kafka:9093"}
                        networkPolicy:
                          enabled: true
                          from: [{namespaceSelector: {matchLabels: {edge: "true"}}}]
                          to: [{ipBlock: {cidr: 10.0.0.0/8}}]
                          ports: [9093, 5432, 6380]
                          extraEgress: [{ports: [{port: 4318, protocol: TCP}]}]
                        """).one(NetworkPolicy.class);
        assertThat(policy.getSpec().getPolicyTypes()).containsExactly("Ingress", "Egress");
        assertThat(policy.getSpec().getPodSelector().getMatchLabels())
                .containsOnlyKeys("app.kubernetes.io/name", "app.kubernetes.io/instance");
        assertThat(policy.getSpec().getIngress()).singleElement().satisfies(rule -> {
            assertThat(rule.getPorts().getFirst().getPort().getStrVal()).isEqualTo("http");
            assertThat(rule.getFrom()).hasSize(1);
        });
        assertThat(policy.getSpec().getEgress()).hasSize(3);
        assertThat(policy.getSpec().getEgress().get(0).getPorts())
                .extracting(port -> port.getProtocol() + port.getPort().getIntVal())
                .containsExactly("UDP53", "TCP53");
        assertThat(policy.getSpec().getEgress().get(1).getPorts())
                .extracting(port -> port.getPort().getIntVal())
                .containsExactly(9093, 5432, 6380);
        assertThat(policy.getSpec().getEgress().get(1).getTo()).hasSize(1);
        assertThat(policy.getSpec()
                        .getEgress()
                        .get(2)
                        .getPorts()
                        .getFirst()
                        .getPort()
                        .getIntVal())
                .isEqualTo(4318);
    }

    @Test
    void aPolicyLetsOutToTheBrokersThatAreNamed() {
        NetworkPolicy policy = Chart.rendered("""
                        kafka: {bootstrapServers: "a:9093,[fd00::1]:9094,c:9092"}
                        networkPolicy: {enabled: true}
                        """).one(NetworkPolicy.class);
        assertThat(policy.getSpec().getEgress().get(1).getPorts())
                .extracting(port -> port.getPort().getIntVal())
                .containsExactly(9092, 5432, 6379, 9093, 9094);
    }

    @Test
    void prometheusFindsEveryService() {
        Manifest manifest = Chart.rendered(Chart.merged(
                List.of(PARTED, "serviceMonitor: {enabled: true, intervalSeconds: 5, labels: {release: prometheus}}")));
        ServiceMonitor monitor = manifest.one(ServiceMonitor.class);
        assertThat(monitor.getMetadata().getLabels()).containsEntry("release", "prometheus");
        assertThat(monitor.getSpec().getEndpoints()).singleElement().satisfies(endpoint -> {
            assertThat(endpoint.getPath()).isEqualTo("/actuator/prometheus");
            assertThat(endpoint.getPort()).isEqualTo("http");
            assertThat(endpoint.getInterval()).isEqualTo("5s");
            assertThat(endpoint.getScrapeTimeout()).isEqualTo("5s");
        });
        assertThat(manifest.all(io.fabric8.kubernetes.api.model.Service.class))
                .hasSize(3)
                .allSatisfy(service -> assertThat(service.getMetadata().getLabels())
                        .containsAllEntriesOf(monitor.getSpec().getSelector().getMatchLabels()));
    }

    @Test
    void podsAreSpreadOverNodesAndZones() {
        Deployment deployment =
                Chart.rendered("topologySpread: {zone: DoNotSchedule}").one(Deployment.class);
        Map<String, String> spread = new TreeMap<>();
        for (TopologySpreadConstraint constraint : Pods.pod(deployment).getTopologySpreadConstraints()) {
            spread.put(constraint.getTopologyKey(), constraint.getWhenUnsatisfiable());
            assertThat(constraint.getLabelSelector().getMatchLabels())
                    .isEqualTo(deployment.getSpec().getSelector().getMatchLabels());
            assertThat(constraint.getMatchLabelKeys()).containsExactly("pod-template-hash");
        }
        assertThat(spread)
                .isEqualTo(Map.of(
                        "kubernetes.io/hostname", "ScheduleAnyway", "topology.kubernetes.io/zone", "DoNotSchedule"));
    }
}
