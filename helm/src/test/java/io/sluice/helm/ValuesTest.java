package io.sluice.helm;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with the values is said, with the name of the value, before anything is installed. */
class ValuesTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kafka.bootstrapServers | kafka: {bootstrapServers: ''}",
                "postgres.secret.name   | postgres: {secret: {name: ''}}",
                "redis.secret.name      | redis: {secret: {name: ''}}",
            },
            quoteCharacter = '`')
    void whatIsRequiredAndMissingIsNamed(String name, String values) {
        assertThatThrownBy(() -> Chart.rendered(values)).hasMessageContaining(name + ": empty (expected: ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "autoscaling: {enabled: true, minReplicas: 9, maxReplicas: 3} | autoscaling.minReplicas: 9 (expected: at most",
                "byRole: {feed: {autoscaling: {enabled: true, minReplicas: 20}}} | byRole.feed.autoscaling.minReplicas: 20",
                "byRole: {feed: {autoscaling: {enabled: true, lag: {enabled: true}}}} | byRole.feed.autoscaling.lag.enabled: true",
                "{autoscaling: {enabled: true}, resources: {requests: {cpu: null}}} | resources.requests.cpu: empty",
                "kafka: {tls: {ca: {secret: cas}}}                  | kafka.tls.ca.secret: cas, and kafka.tls.enabled is false",
                "kafka: {sasl: {mechanism: PLAIN}}                  | kafka.sasl.secret.name: empty",
                "postgres: {tls: {mode: require, ca: {secret: c}}}  | postgres.tls.mode: require, with postgres.tls.ca.secret",
                "ingress: {enabled: true}                           | ingress.host: empty",
                "ingress: {enabled: true, host: a.example.com, publishHost: b.example.com} | ingress.publishHost: b.example.com",
                "{byRole: {publish: {}, feed: {}}, ingress: {enabled: true, host: a.example.com}} | ingress.publishHost: empty",
                "{byRole: {publish: {}, feed: {}}, ingress: {enabled: true, host: a.b, publishHost: a.b}} | ingress.publishHost: a.b",
                "gatewayApi: {enabled: true}                        | gatewayApi.parentRefs: empty",
                "{roles: [resolve], ingress: {enabled: true, host: a.b}} | ingress.enabled: true",
                "{byRole: {resolve: {}}, gatewayApi: {enabled: true, parentRefs: [{name: a}]}} | gatewayApi.enabled: true",
            },
            quoteCharacter = '`')
    void valuesThatDoNotGoTogetherAreNamed(String values, String problem) {
        assertThatThrownBy(() -> Chart.rendered(values))
                .hasMessageContaining(problem)
                .hasMessageContaining("(expected: ");
    }

    @Test
    void aGracePeriodThatIsOverBeforeTheGatewayIsRefused() {
        assertThatThrownBy(() -> Chart.rendered("termination: {delaySeconds: 40}"))
                .hasMessageContaining("termination.graceSeconds: 60 (expected: >= 65,");
    }

    @Test
    void aKubernetesThatCannotPauseBeforeAStopIsRefused() {
        assertThatThrownBy(() -> Chart.rendered("", "1.29.9")).hasMessageContaining(">=1.30");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "replicas: two                                 | '/replicas'",
                "replicas: -1                                  | '/replicas'",
                "replica: 2                                    | 'replica'",
                "image: {tag: 1.10}                            | '/image/tag'",
                "image: {pullPolicy: Sometimes}                | '/image/pullPolicy'",
                "kafka: {bootstrapServers: kafka}              | '/kafka/bootstrapServers'",
                "kafka: {bootstrap: 'kafka:9092'}              | 'bootstrap'",
                "postgres: {url: 'postgresql://u:p@h/d'}       | 'url'",
                "redis: {secret: {name: Not_A_Name}}           | '/redis/secret/name'",
                "roles: [publish, sing]                        | '/roles/1'",
                "roles: []                                     | '/roles'",
                "types: {a-b: {lane: bulk}}                    | 'a-b'",
                "types: {shipment: {lane: fast}}               | '/types/shipment/lane'",
                "types: {shipment: {size: 1}}                  | 'size'",
                "extraEnv: [{value: x}]                        | '/extraEnv/0'",
                "extraEnv: [{name: PORT, value: 1}]            | '/extraEnv/0/value'",
                "port: 80                                      | '/port'",
                "service: {type: External}                     | '/service/type'",
                "tmpSize: big                                  | '/tmpSize'",
                "podDisruptionBudget: {maxUnavailable: some}   | '/podDisruptionBudget/maxUnavailable'",
                "fullnameOverride: Not_A_Name                  | '/fullnameOverride'",
                "byRole: {sing: {}}                            | 'sing'",
                "byRole: {feed: {replicas: some}}              | '/byRole/feed/replicas'",
                "byRole: {feed: {image: x}}                    | 'image'",
                "autoscaling: {enabled: perhaps}               | '/autoscaling/enabled'",
                "autoscaling: {minReplicas: 0}                 | '/autoscaling/minReplicas'",
                "autoscaling: {scaleDown: {stabilizationSeconds: 4000}} | '/autoscaling/scaleDown/stabilizationSeconds'",
                "autoscaling: {lag: {perReplica: 0}}           | '/autoscaling/lag/perReplica'",
                "kafka: {sasl: {mechanism: GSSAPI}}            | '/kafka/sasl/mechanism'",
                "kafka: {properties: {CLIENT_RACK: a}}         | 'CLIENT_RACK'",
                "postgres: {tls: {mode: prefer}}               | '/postgres/tls/mode'",
                "redis: {tls: {ca: {key: a/b}}}                | '/redis/tls/ca/key'",
                "ingress: {controller: apache}                 | '/ingress/controller'",
                "ingress: {host: 'https://a.example.com'}      | '/ingress/host'",
                "gatewayApi: {parentRefs: [{}]}                | '/gatewayApi/parentRefs/0'",
                "networkPolicy: {ports: [kafka]}               | '/networkPolicy/ports/0'",
                "networkPolicy: {ports: []}                    | '/networkPolicy/ports'",
                "serviceMonitor: {intervalSeconds: 15s}        | '/serviceMonitor/intervalSeconds'",
                "topologySpread: {zone: Never}                 | '/topologySpread/zone'",
                "config: text                                  | '/config'",
                "secretConfig: Not_A_Name                      | '/secretConfig'",
            },
            quoteCharacter = '`')
    void aWrongValueIsRefusedAndNamed(String values, String name) {
        assertThatThrownBy(() -> Chart.rendered(values))
                .hasMessageContaining("schema")
                .hasMessageContaining(name);
    }
}
