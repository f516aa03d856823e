package io.sluice.gateway.journal;

import static io.r2dbc.spi.ConnectionFactoryOptions.PASSWORD;
import static io.r2dbc.spi.ConnectionFactoryOptions.USER;

import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.pool.ConnectionPoolConfiguration;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.Option;
import io.sluice.resolver.MalformedException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/** Where PostgreSQL is, and the connections to it. */
public final class Database implements AutoCloseable {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(20);

    private final URI url;
    private final String user;
    private final String password;
    private final ConnectionPool pool;

    /** @param url {@code postgresql://user:password@host:port/database}; parameters behind it go to the driver */
    public Database(String url, int connections) {
        this.url = parse(url);
        String[] userInfo = String.valueOf(this.url.getRawUserInfo()).split(":", 2);
        if (userInfo.length != 2) {
            throw malformed(url);
        }
        this.user = decoded(userInfo[0]);
        this.password = decoded(userInfo[1]);
        ConnectionFactoryOptions options = ConnectionFactoryOptions.parse("r2dbc:" + withoutUser())
                .mutate()
                .option(USER, user)
                .option(PASSWORD, password)
                .option(ConnectionFactoryOptions.CONNECT_TIMEOUT, CONNECT_TIMEOUT)
                .option(ConnectionFactoryOptions.STATEMENT_TIMEOUT, STATEMENT_TIMEOUT)
                .option(Option.valueOf("applicationName"), "sluice")
                .build();
        this.pool = new ConnectionPool(ConnectionPoolConfiguration.builder(ConnectionFactories.get(options))
                .initialSize(0)
                .minIdle(0)
                .maxSize(connections)
                .maxIdleTime(Duration.ofMinutes(10))
                .maxAcquireTime(Duration.ofSeconds(10))
                .acquireRetry(0)
                .build());
    }

    /** Brings the tables up to date. Blocks; nodes that start at the same time wait for each other. */
    public void migrate() {
        try {
            Flyway.configure()
                    .dataSource("jdbc:" + withoutUser(), user, password)
                    .loggers("slf4j")
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            throw new IllegalStateException(
                    "PostgreSQL at " + withoutUser() + " cannot be brought up to date: " + e.getMessage(), e);
        }
    }

    ConnectionPool pool() {
        return pool;
    }

    private static URI parse(String url) {
        try {
            URI uri = URI.create(url.replaceFirst("^postgres:", "postgresql:"));
            if ("postgresql".equals(uri.getScheme()) && uri.getHost() != null) {
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
                "sluice.postgres.url: \"" + url.replaceAll("//.*@", "//...@")
                        + "\" (expected: postgresql://user:password@host:port/database)");
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
