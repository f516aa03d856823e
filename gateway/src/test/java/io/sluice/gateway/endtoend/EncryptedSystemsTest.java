package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.sluice.embedded.Endpoints;
import io.sluice.embedded.PartsProcess;
import io.sluice.embedded.PartsSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Kafka, PostgreSQL and Redis that speak TLS and want a user and a password. */
class EncryptedSystemsTest {

    /** Needs escaping in a URL, and gets none here. */
    private static final String PASSWORD = "s3c:r/e@t%";

    @TempDir
    private static Path folder;

    private static PartsProcess parts;
    private static Certificate own;
    private static URI postgres;
    private static int redis;
    private static int redisPlain;
    private static int kafka;

    @BeforeAll
    static void start() throws IOException, SQLException {
        own = Certificate.make(folder, "own");
        Certificate.make(folder, "other");
        kafka = freePort();
        Path data = folder.resolve("data");
        write(data.resolve("kafka/broker.properties"), broker(kafka, freePort()));
        parts = PartsProcess.start(new PartsSettings(data, kafka, true, true, true), PartsProcess.ownCommand());
        Endpoints endpoints = parts.await();
        postgres = URI.create(Objects.requireNonNull(endpoints.postgres()));
        encryptPostgres();
        redisPlain = URI.create(Objects.requireNonNull(endpoints.redis())).getPort();
        redis = freePort();
        encryptRedis();
        // As Kubernetes puts a Secret into a folder: a file for each setting.
        write(folder.resolve("secrets/sluice.postgres.password"), PASSWORD);
        write(folder.resolve("secrets/sluice.redis.password"), PASSWORD);
        write(folder.resolve("secrets/sluice.kafka.properties.sasl.jaas.config"), login("sluice", "k4fka"));
    }

    private static void encryptPostgres() throws SQLException, IOException {
        try (Connection connection = connection();
                Statement statement = connection.createStatement()) {
            Path home = Path.of(one(statement, "SHOW data_directory"));
            for (Path file : List.of(own.chain(), own.key())) {
                Path target = home.resolve(file.equals(own.key()) ? "server.key" : "server.crt");
                // Written by the server, so that it owns them.
                statement.execute("COPY (SELECT unnest(string_to_array('"
                        + Files.readString(file).strip() + "', E'\\n'))) TO '" + target + "'");
                Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-------"));
            }
            statement.execute("CREATE ROLE gate LOGIN SUPERUSER PASSWORD '" + PASSWORD + "'");
            statement.execute("ALTER SYSTEM SET ssl = on");
            statement.execute("SELECT pg_reload_conf()");
        }
        Awaitility.await().until(() -> {
            try (Connection connection = connection();
                    Statement statement = connection.createStatement()) {
                return one(statement, "SHOW ssl").equals("on");
            }
        });
    }

    private static Connection connection() throws SQLException {
        String[] user = postgres.getUserInfo().split(":", 2);
        return DriverManager.getConnection("jdbc:" + postgresAddress() + "?sslmode=disable", user[0], user[1]);
    }

    private static String postgresAddress() {
        return "postgresql://127.0.0.1:" + postgres.getPort() + postgres.getPath();
    }

    private static String one(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static void encryptRedis() throws IOException {
        for (String command : List.of(
                "CONFIG SET tls-auth-clients no",
                "CONFIG SET tls-cert-file " + own.chain(),
                "CONFIG SET tls-key-file " + own.key(),
                "CONFIG SET tls-port " + redis,
                "ACL SETUSER gate on >" + PASSWORD + " ~* &* +@all",
                "CONFIG SET requirepass " + PASSWORD)) {
            assertThat(redis(command)).as(command).isEqualTo("+OK");
        }
    }

    /** The last line of the answers. */
    private static String redis(String... commands) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", redisPlain);
                BufferedReader answers =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
            socket.setSoTimeout(10_000);
            String last = "";
            for (String command : commands) {
                socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
                last = answers.readLine();
            }
            return last;
        }
    }

    private static String broker(int port, int controller) {
        String place = own.store().toString();
        return String.join(
                "\n",
                "listeners=SASL_SSL://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controller,
                "advertised.listeners=SASL_SSL://127.0.0.1:" + port,
                "listener.security.protocol.map=SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
                "controller.quorum.voters=1@127.0.0.1:" + controller,
                "inter.broker.listener.name=SASL_SSL",
                "sasl.enabled.mechanisms=PLAIN",
                "sasl.mechanism.inter.broker.protocol=PLAIN",
                "listener.name.sasl_ssl.plain.sasl.jaas.config="
                        + login("broker", "b").replace(";", " user_broker=\"b\" user_sluice=\"k4fka\";"),
                "ssl.keystore.type=PKCS12",
                "ssl.keystore.location=" + place,
                "ssl.keystore.password=" + Certificate.PASSWORD,
                "ssl.truststore.type=PEM",
                "ssl.truststore.location=" + own.chain(),
                "");
    }

    private static String login(String user, String password) {
        return "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"" + user + "\" password=\""
                + password + "\";";
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static Gateway gateway(String... more) {
        String root = own.chain().toString();
        return Gateway.start(
                List.of(
                        "--spring.config.import=configtree:" + folder.resolve("secrets") + "/",
                        "--sluice.kafka.bootstrap-servers=127.0.0.1:" + kafka,
                        "--sluice.kafka.properties.security.protocol=SASL_SSL",
                        "--sluice.kafka.properties.sasl.mechanism=PLAIN",
                        "--sluice.kafka.properties.ssl.truststore.type=PEM",
                        "--sluice.kafka.properties.ssl.truststore.location=" + root,
                        "--sluice.postgres.url=" + postgresAddress(),
                        "--sluice.postgres.user=gate",
                        "--sluice.postgres.root-certificate=" + root,
                        "--sluice.redis.url=rediss://127.0.0.1:" + redis,
                        "--sluice.redis.user=gate",
                        "--sluice.redis.root-certificate=" + root),
                List.of(more));
    }

    @AfterAll
    static void stop() {
        if (parts != null) {
            parts.close();
        }
        Blocking.requireNone();
    }

    @Test
    void whatIsWrittenIsWatchedWithNothingInTheClear() throws Exception {
        String path = "/v1/contexts/customer/encrypted";
        try (Gateway gateway = gateway();
                Feed feed = gateway.watch(path)) {
            feed.awaitReady();
            Api.Answer written = gateway.api().put(path, "{\"a\":1}", WAIT);
            assertThat(written.status()).as(written.toString()).isEqualTo(200);
            assertThat(feed.await("update").version()).isEqualTo(1);
            assertThat(gateway.api().get(path).body()).isEqualTo("{\"a\":1}");

            assertThat(connectionsInTheClear()).isEmpty();
            // What was stored is in Redis too: it was reached.
            Awaitility.await().until(() -> !redis("AUTH " + PASSWORD, "DBSIZE").equals(":0"));
        }
    }

    private static List<String> connectionsInTheClear() throws SQLException {
        try (Connection connection = connection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT usename, ssl FROM pg_stat_ssl JOIN pg_stat_activity"
                        + " USING (pid) WHERE application_name = 'sluice'")) {
            List<String> clear = new ArrayList<>();
            int all = 0;
            while (rows.next()) {
                all++;
                if (!rows.getBoolean("ssl")) {
                    clear.add(rows.getString("usename"));
                }
            }
            assertThat(all).isPositive();
            return clear;
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sluice.postgres.root-certificate|other.crt|sluice.postgres.root-certificate: \"",
                "sluice.redis.root-certificate|other.crt|sluice.redis.root-certificate: does not vouch for Redis at 127.0.0.1:",
                "sluice.kafka.properties.ssl.truststore.location|other.crt|sluice.kafka.properties.ssl.truststore.location: does not vouch for Kafka: ",
                "sluice.postgres.root-certificate|nothing.crt|sluice.postgres.root-certificate: \"",
                "sluice.redis.root-certificate|own.p12|sluice.redis.root-certificate: \"",
                "sluice.kafka.properties.ssl.truststore.location|nothing.crt|sluice.kafka.properties: ",
            })
    void aWrongCertificateNamesItsSetting(String setting, String file, String reason) {
        assertThat(refusal("--" + setting + "=" + folder.resolve(file))).contains(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sluice.postgres.password=no|sluice.postgres.password: PostgreSQL at ",
                "sluice.postgres.user=nobody|sluice.postgres.password: PostgreSQL at ",
                "sluice.redis.password=no|sluice.redis.password: Redis at ",
                "sluice.kafka.properties.sasl.jaas.config=LOGIN|sluice.kafka.properties.sasl.jaas.config: Kafka does not take it: ",
            })
    void aWrongPasswordNamesItsSettingAndIsNotRepeated(String setting, String reason) {
        assertThat(refusal("--" + setting.replace("LOGIN", login("sluice", "wrong"))))
                .contains(reason)
                .doesNotContain(PASSWORD);
    }

    /** All that is said by the exception that a start ends with. */
    private static String refusal(String setting) {
        Throwable refused = catchThrowable(() -> gateway(setting).close());
        assertThat(refused).isNotNull();
        return Stream.iterate(refused, Objects::nonNull, Throwable::getCause)
                .map(e -> String.valueOf(e.getMessage()))
                .collect(Collectors.joining("\n"));
    }
}
