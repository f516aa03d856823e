package io.sluice.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import org.junit.jupiter.api.Test;

/** How the gateway reaches Kafka, PostgreSQL and Redis, and where settings and secrets come from. */
class SystemsTest {

    private static Deployment rendered(String values) {
        return Chart.rendered(values).one(Deployment.class);
    }

    @Test
    void kafkaIsReachedWithTlsAndAPassword() {
        Deployment deployment = rendered("""
                kafka:
                  tls: {enabled: true, ca: {secret: cas, key: kafka.crt}}
                  sasl: {mechanism: SCRAM-SHA-512, secret: {name: login, userKey: u, passwordKey: p}}
                  properties: {client.rack: a, session.timeout.ms: 20000, fetch.max.bytes: 52428800, check.crcs: false}
                """);
        assertThat(Pods.environment(deployment))
                .containsEntry("SLUICE_KAFKA_PROPERTIES_SECURITY_PROTOCOL", "SASL_SSL")
                .containsEntry("SLUICE_KAFKA_PROPERTIES_SASL_MECHANISM", "SCRAM-SHA-512")
                .containsEntry(
                        "SLUICE_KAFKA_PROPERTIES_SASL_JAAS_CONFIG",
                        "org.apache.kafka.common.security.scram.ScramLoginModule required"
                                + " username=\"$(KAFKA_USER)\" password=\"$(KAFKA_PASSWORD)\";")
                .containsEntry("SLUICE_KAFKA_PROPERTIES_SSL_TRUSTSTORE_TYPE", "PEM")
                .containsEntry("SLUICE_KAFKA_PROPERTIES_SSL_TRUSTSTORE_LOCATION", "/etc/sluice/ca/kafka/kafka.crt")
                .containsEntry("SLUICE_KAFKA_PROPERTIES_CLIENT_RACK", "a")
                .containsEntry("SLUICE_KAFKA_PROPERTIES_SESSION_TIMEOUT_MS", "20000")
                .containsEntry("SLUICE_KAFKA_PROPERTIES_FETCH_MAX_BYTES", "52428800")
                .containsEntry("SLUICE_KAFKA_PROPERTIES_CHECK_CRCS", "false");
        assertThat(Pods.secret(deployment, "KAFKA_USER")).isEqualTo("login/u");
        assertThat(Pods.secret(deployment, "KAFKA_PASSWORD")).isEqualTo("login/p");
        assertThat(Pods.mounted(deployment, "/etc/sluice/ca/kafka")).isEqualTo("cas");
    }

    @Test
    void kafkaHasAnyOfFourProtocols() {
        assertThat(Pods.environment(rendered(""))).doesNotContainKey("SLUICE_KAFKA_PROPERTIES_SECURITY_PROTOCOL");
        assertThat(Pods.environment(rendered("kafka: {tls: {enabled: true}}")))
                .containsEntry("SLUICE_KAFKA_PROPERTIES_SECURITY_PROTOCOL", "SSL")
                .doesNotContainKey("SLUICE_KAFKA_PROPERTIES_SSL_TRUSTSTORE_TYPE");
        assertThat(Pods.environment(rendered("kafka: {sasl: {mechanism: PLAIN, secret: {name: login}}}")))
                .containsEntry("SLUICE_KAFKA_PROPERTIES_SECURITY_PROTOCOL", "SASL_PLAINTEXT")
                .hasEntrySatisfying(
                        "SLUICE_KAFKA_PROPERTIES_SASL_JAAS_CONFIG",
                        text -> assertThat(text).contains("plain.PlainLoginModule"));
    }

    @Test
    void postgresIsReachedWithTlsAndAPassword() {
        Deployment deployment = rendered(
                "postgres: {credentials: {secret: login}, tls: {mode: verify-ca, ca: {secret: cas, key: pg.crt}}}");
        assertThat(Pods.environment(deployment))
                .containsEntry("SLUICE_POSTGRES_SSLMODE", "verify-ca")
                .containsEntry("SLUICE_POSTGRES_ROOTCERTIFICATE", "/etc/sluice/ca/postgres/pg.crt");
        assertThat(Pods.secret(deployment, "SLUICE_POSTGRES_USER")).isEqualTo("login/user");
        assertThat(Pods.secret(deployment, "SLUICE_POSTGRES_PASSWORD")).isEqualTo("login/password");
        assertThat(Pods.mounted(deployment, "/etc/sluice/ca/postgres")).isEqualTo("cas");
    }

    @Test
    void redisIsReachedWithTlsAndAPassword() {
        Deployment deployment = rendered("redis: {credentials: {secret: login}, tls: {ca: {secret: cas}}}");
        assertThat(Pods.environment(deployment))
                .containsEntry("SLUICE_REDIS_ROOTCERTIFICATE", "/etc/sluice/ca/redis/ca.crt");
        assertThat(Pods.secret(deployment, "SLUICE_REDIS_USER")).isEqualTo("login/user");
        assertThat(Pods.secret(deployment, "SLUICE_REDIS_PASSWORD")).isEqualTo("login/password");
        assertThat(Pods.mounted(deployment, "/etc/sluice/ca/redis")).isEqualTo("cas");
        Deployment nameless = rendered("redis: {credentials: {secret: login, userKey: ''}}");
        assertThat(Pods.secret(nameless, "SLUICE_REDIS_USER")).isEmpty();
        assertThat(Pods.secret(nameless, "SLUICE_REDIS_PASSWORD")).isEqualTo("login/password");
    }

    @Test
    void anySettingComesFromAFileAndAnotherOneMakesOtherPods() {
        String values = "config: {sluice: {limits: {body: 2MB}, types: {work-order: {lane: bulk}}}}";
        Manifest manifest = Chart.rendered(values);
        assertThat(manifest.one(ConfigMap.class).getData().get("application.yaml"))
                .contains("body: 2MB")
                .contains("work-order:");
        Deployment deployment = manifest.one(Deployment.class);
        assertThat(Pods.mounted(deployment, "/etc/sluice/config")).isEqualTo("prod-sluice");
        assertThat(Pods.environment(deployment))
                .containsEntry("SPRING_CONFIG_ADDITIONALLOCATION", "/etc/sluice/config/");
        assertThat(checksum(rendered(values))).isEqualTo(checksum(deployment));
        assertThat(checksum(rendered(values.replace("2MB", "3MB")))).isNotEqualTo(checksum(deployment));
    }

    private static String checksum(Deployment deployment) {
        return deployment.getSpec().getTemplate().getMetadata().getAnnotations().get("checksum/config");
    }

    @Test
    void aSecretMayHoldSettings() {
        Deployment deployment = rendered("secretConfig: more");
        assertThat(Pods.mounted(deployment, "/etc/sluice/secrets")).isEqualTo("more");
        assertThat(Pods.environment(deployment))
                .containsEntry("SPRING_CONFIG_IMPORT", "configtree:/etc/sluice/secrets/");
    }
}
