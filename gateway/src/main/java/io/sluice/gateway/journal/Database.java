package io.sluice.gateway.journal;

import static io.r2dbc.spi.ConnectionFactoryOptions.PASSWORD;
import static io.r2dbc.spi.ConnectionFactoryOptions.USER;

import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.pool.ConnectionPoolConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactoryProvider;
import io.r2dbc.postgresql.client.SSLMode;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.Option;
import io.sluice.gateway.settings.RootCertificates;
import io.sluice.gateway.settings.SettingException;
import io.sluice.gateway.settings.SluiceSettings.Postgres;
import io.sluice.gateway.settings.SluiceSettings.SslMode;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.Texts;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfoService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where PostgreSQL is, and the connections to it. */
public final class Database implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Database.class);

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(20);

    private static final String ROOT_CERTIFICATE = "sluice.postgres.root-certificate";
    private static final String SSL_MODE = "sluice.postgres.ssl-mode";

    private final URI url;
    private final String user;
    private final String password;
    private final @Nullable SslMode sslMode;
    private final @Nullable Path rootCertificate;
    private final ConnectionPool pool;

    /** As everything is in the URL. */
    public Database(String url, int connections) {
        this(url, new Postgres(url, connections, "", "", null, null));
    }

    /**
     * Reads the root certificate, if there is one; connects when it is asked for the first time.
     *
     * @param url {@code postgresql://user:password@host:port/database}; parameters behind it go to the driver
     * @param settings all but the URL
     * @throws io.sluice.gateway.settings.SettingException if the root certificate cannot be read
     */
    public Database(String url, Postgres settings) {
        this.url = parse(url);
        String[] userInfo =
                Objects.requireNonNullElse(this.url.getRawUserInfo(), "").split(":", 2);
        this.user = settings.user().isEmpty() ? decoded(userInfo[0]) : settings.user();
        this.password =
                settings.password().isEmpty() && userInfo.length == 2 ? decoded(userInfo[1]) : settings.password();
        if (user.isEmpty() || password.isEmpty()) {
            throw malformed(url);
        }
        this.sslMode = settings.sslMode();
        this.rootCertificate = settings.rootCertificate();
        ConnectionFactoryOptions.Builder tls =
                ConnectionFactoryOptions.parse("r2dbc:" + withoutUser()).mutate();
        TrustManagerFactory trust = RootCertificates.read(ROOT_CERTIFICATE, rootCertificate);
        if (sslMode != null) {
            tls.option(PostgresqlConnectionFactoryProvider.SSL_MODE, SSLMode.fromValue(word(sslMode)));
        }
        if (trust != null) {
            tls.option(
                    PostgresqlConnectionFactoryProvider.SSL_CONTEXT_BUILDER_CUSTOMIZER,
                    context -> context.trustManager(trust));
        }
        ConnectionFactoryOptions options = tls.option(USER, user)
                .option(PASSWORD, password)
                .option(ConnectionFactoryOptions.CONNECT_TIMEOUT, CONNECT_TIMEOUT)
                .option(ConnectionFactoryOptions.STATEMENT_TIMEOUT, STATEMENT_TIMEOUT)
                .option(PostgresqlConnectionFactoryProvider.EXTENSIONS, List.of(ColumnCodec.REGISTRAR))
                .option(Option.valueOf("applicationName"), "sluice")
                .build();
        this.pool = new ConnectionPool(ConnectionPoolConfiguration.builder(ConnectionFactories.get(options))
                .initialSize(0)
                .minIdle(0)
                .maxSize(settings.connections())
                .maxIdleTime(Duration.ofMinutes(10))
                .maxAcquireTime(Duration.ofSeconds(10))
                .acquireRetry(0)
                .build());
    }

    /**
     * Brings the tables up to date, which takes as long as it takes. Blocks; nodes that start at the same time wait for each
     * other.
     */
    public void migrate() {
        try {
            Flyway flyway = flyway();
            MigrationInfoService steps = flyway.info();
            if (steps.current() != null && steps.pending().length > 0) {
                log.info(
                        "Brings the tables up to date. With a large journal that takes time; it is not to be broken off");
            }
            flyway.migrate();
        } catch (FlywayException e) {
            throw refusal(e);
        }
    }

    /** What the driver of the pool is told, for that of the migration. */
    private Map<String, String> tlsOfMigration() {
        if (sslMode == null) {
            return Map.of();
        }
        Map<String, String> properties = new TreeMap<>();
        properties.put("sslmode", word(sslMode));
        if (rootCertificate != null) {
            properties.put("sslrootcert", rootCertificate.toString());
        } else if (sslMode == SslMode.VERIFY_CA || sslMode == SslMode.VERIFY_FULL) {
            properties.put("sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory");
        }
        return properties;
    }

    private RuntimeException refusal(FlywayException e) {
        String state = "";
        String last = "";
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            String said = String.valueOf(cause.getMessage());
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                state = sql.getSQLState();
                last = said.lines().findFirst().orElse("");
            }
            if (said.contains("hostnameverifier")) {
                return new SettingException(
                        SSL_MODE,
                        "verify-full, and the certificate of PostgreSQL is not for " + url.getHost()
                                + " (expected: a host of sluice.postgres.url that is in it, or verify-ca)");
            }
            if (cause instanceof SSLException || cause instanceof CertificateException) {
                return new SettingException(
                        ROOT_CERTIFICATE,
                        (rootCertificate == null ? "none" : "\"" + rootCertificate + "\"")
                                + " does not vouch for PostgreSQL at " + shown() + ": " + said
                                + " (expected: a file with the certificate that its own is signed by)");
            }
            if (cause instanceof SQLException
                    && (said.contains("does not support SSL") || said.contains("no encryption"))) {
                return new SettingException(
                        SSL_MODE,
                        (sslMode == null ? "none" : word(sslMode)) + ", and PostgreSQL at " + shown()
                                + " will have it otherwise: " + said);
            }
        }
        if (state.equals("28P01") || state.equals("28000")) {
            return new SettingException(
                    "sluice.postgres.password",
                    "PostgreSQL at " + shown() + " does not take that of \"" + user
                            + "\" (expected: the one that goes with sluice.postgres.user)");
        }
        // No connection, no such database, not allowed.
        if (state.startsWith("08") || state.equals("3D000") || state.equals("42501")) {
            return new SettingException(
                    "sluice.postgres.url",
                    "PostgreSQL at " + shown() + ": " + last
                            + " (expected: one that runs, with that database, and a user who may make tables in it)");
        }
        return new IllegalStateException(
                "PostgreSQL at " + shown() + " cannot be brought up to date: " + e.getMessage(), e);
    }

    private static String word(SslMode mode) {
        return mode.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Fails unless PostgreSQL says how far the tables are. Blocks. */
    public void requireThere() {
        try {
            flyway().info().current();
        } catch (FlywayException e) {
            throw refusal(e);
        }
    }

    private Flyway flyway() {
        return Flyway.configure()
                .dataSource("jdbc:" + withoutUser(), user, password)
                .jdbcProperties(tlsOfMigration())
                .loggers("slf4j")
                .load();
    }

    ConnectionPool pool() {
        return pool;
    }

    private static URI parse(String url) {
        try {
            URI uri = URI.create(url.replaceFirst("^postgres:", "postgresql:"));
            // Two in one, as of a setting that was given twice, would have the driver log the second with its password.
            boolean isOne = uri.getHost() != null && uri.getRawPath().lastIndexOf('/') <= 0;
            if ("postgresql".equals(uri.getScheme()) && isOne) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // Said below, without the password.
        }
        throw malformed(url);
    }

    private static MalformedException malformed(String url) {
        return new MalformedException(
                "malformed-setting",
                "sluice.postgres.url: \"" + Texts.withoutSecrets(url)
                        + "\" (expected: postgresql://user:password@host:port/database, or sluice.postgres.user and .password)");
    }

    private String shown() {
        return Texts.withoutSecrets(withoutUser());
    }

    private String withoutUser() {
        String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
        int port = url.getPort() < 0 ? 5432 : url.getPort();
        return "postgresql://" + url.getHost() + ":" + port + url.getRawPath() + query;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        pool.dispose();
    }
}
