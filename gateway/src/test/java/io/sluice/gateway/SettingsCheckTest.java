package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.sluice.gateway.settings.SluiceSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** What a wrong setting is answered with: one line that begins with its name. */
class SettingsCheckTest {

    private static final String TYPE = "sluice.types.customer.";

    /** Settings as on the command line, over others as in a file. */
    private static StandardEnvironment environment(String... settings) {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(new MapPropertySource("commandLineArgs", map(settings)));
        environment
                .getPropertySources()
                .addLast(new MapPropertySource("file", map("sluice.types.customer.lane=critical")));
        ConfigurationPropertySources.attach(environment);
        return environment;
    }

    private static Map<String, Object> map(String... settings) {
        return Arrays.stream(settings)
                .map(setting -> setting.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1], (a, b) -> b, TreeMap::new));
    }

    private static String refusal(String... settings) {
        Throwable e = catchThrowable(() -> SettingsCheck.require(environment(settings)));
        assertThat(e).as(String.join(", ", settings)).isNotNull();
        return StartFailure.reason(e);
    }

    private static void requireTaken(String... settings) {
        assertThatCode(() -> SettingsCheck.require(environment(settings))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "verfy|verfy",
                "-Dsluice.postgres.password=secret|-Dsluice.postgres.password=...",
                "sluice.demo.enabled=true|sluice.demo.enabled=...",
            })
    void aWordThatIsNoSettingIsNamedAndNotPassedOver(String word, String name) {
        Throwable e = catchThrowable(() -> GatewayApplication.start("--server.port=0", word));
        assertThat(StartFailure.reason(e)).startsWith("\"" + name + "\" (expected: a setting, such as ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "99999", "-1", "1.5"})
    void aPortThatCannotBeIsNamed(String port) {
        Throwable e = catchThrowable(() -> GatewayApplication.start("--server.port=" + port));
        assertThat(StartFailure.reason(e)).isEqualTo("server.port: \"" + port + "\" (expected: 0 to 65535)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sluice.postgres.ssl-mode|prefer|disable, require, verify-ca, verify-full",
                "sluice.roles|read|publish, resolve, feed",
            })
    void aWordThatCannotBeIsAnsweredWithThoseThatCan(String name, String word, String words) {
        assertThat(refusal(name + "=" + word)).isEqualTo(name + ": \"" + word + "\" (expected: " + words + ")");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "deletion|never|\"never\" (expected: priority, delete or patch)",
                "lane|express|\"express\" (expected: critical, standard or bulk)",
                "horizon|-24h|PT-24H (expected: >= 0)",
                "clock-skew|-1s|PT-1S (expected: >= 0)",
                "tombstone-retention|-1d|PT-24H (expected: >= 0)",
                "partitions|0|0 (expected: >= 1)",
                "topic|a b|\"a b\" (expected: 1 to 200 letters, digits, '.', '_' and '-')",
                "topic|..|\"..\" (expected: 1 to 200 letters, digits, '.', '_' and '-')",
                "priority|a,b,a|[a, b, a] (expected: each class once)",
            })
    void aValueOfATypeThatCannotBeIsNamed(String name, String value, String problem) {
        assertThat(refusal(TYPE + name + "=" + value)).isEqualTo(TYPE + name + ": " + problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "retention|1h|PT1H (expected: 0, which drops nothing, or PT24H, for which repeats of events are known, to PT876000H)",
                "retention|-1d|PT-24H (expected: 0, which drops nothing, or PT24H, for which repeats of events are known, to PT876000H)",
                "slice|1m|PT1M (expected: PT1H to PT876000H)",
            })
    void aRetentionOfTheJournalThatCannotBeIsNamed(String name, String value, String problem) {
        assertThat(refusal("sluice.journal." + name + "=" + value))
                .isEqualTo("sluice.journal." + name + ": " + problem);
    }

    @Test
    void theJournalIsKeptForAsLongAsCursorsAreGood() {
        assertThat(refusal("sluice.journal.retention=2d", "sluice.feeds.resume-window=3d"))
                .startsWith("sluice.journal.retention: PT48H (expected: 0, which drops nothing, or at least PT72H");
        requireTaken("sluice.journal.retention=3d", "sluice.feeds.resume-window=3d");
        requireTaken("sluice.journal.retention=0", "sluice.feeds.resume-window=3d");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "partitions|many",
                "horizon|soon",
                "clock-skew|1 parsec",
            })
    void aValueThatCannotBeReadIsNamed(String name, String value) {
        assertThat(refusal(TYPE + name + "=" + value))
                .startsWith(TYPE + name + ": \"" + value + "\" cannot be taken: ")
                .doesNotContain("\n");
    }

    @Test
    void originsThatCannotBeAreNamed() {
        for (String wrong :
                new String[] {"https://a.example.com/path", "example.com", "null", "https://a@b", "https://a b"}) {
            assertThat(refusal("sluice.cors.origins=" + wrong))
                    .contains("sluice.cors.origins: \"" + wrong + "\" (expected: scheme://host:port");
        }
        assertThat(refusal("sluice.cors.origins=*", "sluice.cors.credentials=true"))
                .contains("sluice.cors.credentials: true, with the origin *");
        requireTaken("sluice.cors.origins=https://*.example.com,http://localhost:[*],*");
        requireTaken("sluice.cors.origins=https://*.example.com", "sluice.cors.credentials=true");
    }

    @Test
    void trustThatWouldNotBeLookedAtIsNamed() {
        assertThat(refusal("sluice.postgres.root-certificate=ca.pem", "sluice.postgres.ssl-mode=require"))
                .contains(
                        "sluice.postgres.ssl-mode: require, with a root-certificate (expected: verify-ca or verify-full");
        assertThat(refusal("sluice.redis.root-certificate=ca.pem", "sluice.redis.url=redis://cache:6379"))
                .contains("sluice.redis.root-certificate: ca.pem, and sluice.redis.url asks for no TLS");
        assertThat(refusal("sluice.redis.user=gate"))
                .contains("sluice.redis.user: gate, without sluice.redis.password");
        assertThat(refusal("sluice.postgres.ssl-mode=perhaps")).startsWith("sluice.postgres.ssl-mode: \"perhaps\"");
        requireTaken("sluice.postgres.root-certificate=ca.pem");
        requireTaken("sluice.postgres.root-certificate=ca.pem", "sluice.postgres.ssl-mode=verify-ca");
        requireTaken("sluice.redis.root-certificate=ca.pem", "sluice.redis.url=rediss://cache:6379");
    }

    /** As the chart does it. */
    @Test
    void theEnvironmentSaysHowToReachEncryptedSystems() {
        StandardEnvironment environment = new StandardEnvironment();
        environment
                .getPropertySources()
                .addFirst(new SystemEnvironmentPropertySource(
                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                        map(
                                "SLUICE_ROLES=publish,feed",
                                "SLUICE_TYPES_SHIPMENT_TOMBSTONERETENTION=3d",
                                "SLUICE_KAFKA_BOOTSTRAP_SERVERS=kafka:9093",
                                "SLUICE_KAFKA_PROPERTIES_SECURITY_PROTOCOL=SASL_SSL",
                                "SLUICE_KAFKA_PROPERTIES_SASL_JAAS_CONFIG=X required username=\"a=b\";",
                                "SLUICE_KAFKA_PROPERTIES_SSL_TRUSTSTORE_LOCATION=/ca/kafka.crt",
                                "SLUICE_POSTGRES_USER=gate",
                                "SLUICE_POSTGRES_SSLMODE=verify-ca",
                                "SLUICE_POSTGRES_ROOTCERTIFICATE=/ca/pg.crt",
                                "SLUICE_REDIS_URL=rediss://cache:6379",
                                "SLUICE_REDIS_PASSWORD=secret",
                                "SLUICE_REDIS_ROOTCERTIFICATE=/ca/redis.crt")));
        ConfigurationPropertySources.attach(environment);
        SluiceSettings settings = Binder.get(environment).bindOrCreate("sluice", SluiceSettings.class);
        assertThat(settings.roles()).containsExactlyInAnyOrder(SluiceSettings.Role.PUBLISH, SluiceSettings.Role.FEED);
        assertThat(settings.types().get("shipment").tombstoneRetention()).isEqualTo(Duration.ofDays(3));
        assertThat(settings.kafka().bootstrapServers()).isEqualTo("kafka:9093");
        assertThat(settings.kafka().properties())
                .isEqualTo(Map.of(
                        "security.protocol", "SASL_SSL",
                        "sasl.jaas.config", "X required username=\"a=b\";",
                        "ssl.truststore.location", "/ca/kafka.crt"));
        assertThat(settings.postgres().user()).isEqualTo("gate");
        assertThat(settings.postgres().sslMode()).isEqualTo(SluiceSettings.SslMode.VERIFY_CA);
        assertThat(settings.postgres().rootCertificate()).isEqualTo(Path.of("/ca/pg.crt"));
        assertThat(settings.redis().password()).isEqualTo("secret");
        assertThat(settings.redis().rootCertificate()).isEqualTo(Path.of("/ca/redis.crt"));
    }

    @Test
    void aTypeWhoseNameCannotBeIsNamed() {
        assertThat(refusal("sluice.types.9lives.lane=bulk"))
                .isEqualTo("sluice.types.9lives: type: \"9lives\" (expected: [a-z][a-z0-9-]{0,62})");
    }

    @Test
    void aTopicOfTwoTypesIsNamed() {
        assertThat(refusal(TYPE + "topic=crm", "sluice.types.order.topic=crm"))
                .isEqualTo("sluice.types.order.topic: \"crm\" is that of customer too (expected: one for each type)");
    }

    @Test
    void aWriterOfTwoClassesIsNamed() {
        assertThat(refusal("sluice.writers.human=ada", "sluice.writers.robot=ada"))
                .startsWith("sluice.writers.")
                .endsWith(" too (expected: each writer in one class)");
        assertThat(refusal("sluice.writers.human=*sluice.x"))
                .startsWith("sluice.writers.human: writer: \"*sluice.x\" (expected: ");
    }

    @Test
    void aPathThatCannotHaveAPolicyIsNamed() {
        assertThat(refusal(TYPE + "policies[0].path=a", TYPE + "policies[0].policy=max"))
                .isEqualTo(TYPE + "policies[0].path: \"a\" (expected: a JSON Pointer, RFC 6901, such as /plan)");
        assertThat(refusal(
                        TYPE + "policies[0].path=/a",
                        TYPE + "policies[0].policy=max",
                        TYPE + "policies[1].path=/a/b",
                        TYPE + "policies[1].policy=min"))
                .startsWith(TYPE + "policies[1].path: \"/a/b\" lies above or beneath another path")
                .endsWith(" (expected: paths apart)");
        assertThat(refusal(
                        TYPE + "policies[0].path=/a",
                        TYPE + "policies[0].policy=max",
                        TYPE + "policies[1].path=/a",
                        TYPE + "policies[1].policy=min"))
                .isEqualTo(TYPE + "policies[1].path: \"/a\" comes twice (expected: once)");
    }

    @Test
    void aPolicyThatThereIsNotIsAnsweredWithThoseThatThereAre() {
        String all = " (expected: one of [priority, max, min, first, cel, manual, counter, set, text, json])";
        assertThat(refusal(TYPE + "policies[0].path=/a", TYPE + "policies[0].policy=prio"))
                .isEqualTo(TYPE + "policies[0].policy: \"prio\"" + all);
        assertThat(refusal(TYPE + "policies[0].path=/a")).isEqualTo(TYPE + "policies[0].policy: \"\"" + all);
    }

    @Test
    void aRuleGoesWithItsPolicyOnly() {
        assertThat(refusal(TYPE + "policies[0].path=/a", TYPE + "policies[0].policy=cel"))
                .isEqualTo(TYPE + "policies[0].rule: none (expected: CEL)");
        assertThat(refusal(
                        TYPE + "policies[0].path=/a", TYPE + "policies[0].policy=max", TYPE + "policies[0].rule=1 + 1"))
                .isEqualTo(TYPE + "policies[0].rule: \"1 + 1\" with the policy max (expected: none)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"candidates[", "1 +\n+ 1", "who == 1 ? 0 : 1", "'first'", "size(candidates, 2)"})
    void whatIsWrongWithARuleIsOneLine(String rule) {
        assertThat(refusal(
                        TYPE + "policies[0].path=/a",
                        TYPE + "policies[0].policy=cel",
                        TYPE + "policies[0].rule=" + rule))
                .startsWith(TYPE + "policies[0].rule: \"" + rule.replace('\n', '?')
                        + "\" (expected: CEL that gives the index of a candidate; at ")
                .doesNotContain("\n")
                .doesNotContain("Exception");
    }

    @Test
    void aPolicyThatLeavesOutTheOnesBeforeItIsNamed() {
        assertThat(refusal(TYPE + "policies[1].path=/a"))
                .isEqualTo(TYPE + "policies[1].path: without those before it (expected: " + TYPE
                        + "policies[0] and on, none left out)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sluice.types.customer.policies[0].polcy",
                "sluice.types.customer.lanes",
                "sluice.types.customer.horizon.days",
                "sluice.limit.body",
                "sluice.kafka.servers",
                "sluice.nodeid.x",
                "sluice.nothing",
            })
    void aSettingThatThereIsNotIsNamed(String name) {
        assertThat(refusal(TYPE + "policies[0].path=/a", TYPE + "policies[0].policy=max", name + "=1"))
                .isEqualTo(name + ": unknown (expected: a setting that there is)");
    }

    @Test
    void aMemberThatThereIsNotIsNamedWhereItIsTheOnlyOne() {
        assertThat(refusal(TYPE + "policies[0].polcy=max"))
                .isEqualTo(TYPE + "policies[0].polcy: unknown (expected: a setting that there is)");
    }

    @Test
    void settingsThatThereAreAreTaken() {
        requireTaken(
                "sluice.kafka.properties.security.protocol=SSL",
                "sluice.kafka.properties[ssl.truststore.location]=/x",
                "sluice.nodeId=a",
                "sluice.writers.human=ada,grace",
                "sluice.writers.robot[0]=bot",
                "sluice.types.shelf.tombstoneRetention=3d",
                TYPE + "policies[0].path=/a",
                TYPE + "policies[0].policy=cel",
                TYPE + "policies[0].rule=candidates.size() - 1",
                "sluice.limits.body=2MB",
                "sluice.roles=publish,feed");
    }

    @Test
    void aListOnTheCommandLineReplacesALongerOneOfAFile() {
        StandardEnvironment environment = environment(TYPE + "policies[0].path=/a", TYPE + "policies[0].policy=max");
        environment
                .getPropertySources()
                .addLast(new MapPropertySource(
                        "more",
                        map(
                                TYPE + "policies[0].path=/b",
                                TYPE + "policies[0].policy=max",
                                TYPE + "policies[1].path=/c",
                                TYPE + "policies[1].policy=max")));
        assertThatCode(() -> SettingsCheck.require(environment)).doesNotThrowAnyException();
    }

    /** Kubernetes puts variables with a Service's name beside ours. */
    @Test
    void environmentVariablesAreReadAndThoseOfOthersAreLeftAlone() {
        assertThatCode(() -> SettingsCheck.require(variables(
                        "SLUICE_LIMITS_BODY=2MB",
                        "SLUICE_TYPES_SHIPMENT_TOMBSTONERETENTION=3d",
                        "SLUICE_TYPES_CUSTOMER_POLICIES_0_PATH=/a",
                        "SLUICE_TYPES_CUSTOMER_POLICIES_0_POLICY=max",
                        "SLUICE_KAFKA_PROPERTIES_SECURITY_PROTOCOL=SSL",
                        "SLUICE_PORT_8080_TCP=tcp://10.0.0.1:8080",
                        "SLUICE_SERVICE_HOST=10.0.0.1")))
                .doesNotThrowAnyException();
        Throwable e =
                catchThrowable(() -> SettingsCheck.require(variables("SLUICE_TYPES_CUSTOMER_TOMBSTONERETENTION=-3d")));
        assertThat(StartFailure.reason(e)).isEqualTo(TYPE + "tombstone-retention: PT-72H (expected: >= 0)");
    }

    private static StandardEnvironment variables(String... variables) {
        StandardEnvironment environment = environment();
        environment
                .getPropertySources()
                .replace(
                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                        new SystemEnvironmentPropertySource(
                                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, map(variables)));
        return environment;
    }

    @Test
    void aWrongSettingIsSaidBeforeTheEmbeddedPartsStart(@TempDir Path folder) {
        Path data = folder.resolve("data");
        Throwable e = catchThrowable(() -> GatewayApplication.start(
                "--server.port=0",
                "--sluice.embedded.kafka-port=0",
                "--sluice.embedded.data-dir=" + data,
                "--" + TYPE + "deletion=never"));
        assertThat(StartFailure.reason(e))
                .isEqualTo(TYPE + "deletion: \"never\" (expected: priority, delete or patch)");
        assertThat(data).doesNotExist();
    }
}
