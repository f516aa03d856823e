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
            },
            quoteCharacter = '`')
    void aWrongValueIsRefusedAndNamed(String values, String name) {
        assertThatThrownBy(() -> Chart.rendered(values))
                .hasMessageContaining("schema")
                .hasMessageContaining(name);
    }
}
