package io.sluice.gateway.settings;

import io.sluice.cache.FarAccess;
import io.sluice.resolver.Json;
import io.sluice.resolver.RecentIdentities;
import io.sluice.resolver.Texts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Everything that can be set, under {@code sluice}.
 *
 * @param nodeId tells this process from all others that share its Kafka, over restarts; empty: nothing does
 * @param types by name; one that is mentioned at all is there
 * @param writers the members of each class of writers; a writer that is in none is a class of its own
 * @param roles what this process does
 */
@ConfigurationProperties("sluice")
public record SluiceSettings(
        @DefaultValue("") String nodeId,
        @DefaultValue Kafka kafka,
        @DefaultValue Postgres postgres,
        @DefaultValue Redis redis,
        @DefaultValue Map<String, TypeSettings> types,
        @DefaultValue Map<String, List<String>> writers,
        @DefaultValue({"publish", "resolve", "feed"}) Set<Role> roles,
        @DefaultValue Embedded embedded,
        @DefaultValue Limits limits,
        @DefaultValue Feeds feeds,
        @DefaultValue Journal journal,
        @DefaultValue Publishing publishing,
        @DefaultValue Resolving resolving,
        @DefaultValue Cache cache,
        @DefaultValue Consistency consistency,
        @DefaultValue Cors cors,
        @DefaultValue Demo demo) {

    /** What a process does. */
    public enum Role {
        PUBLISH,
        RESOLVE,
        FEED
    }

    public SluiceSettings {
        roles = Set.copyOf(roles);
        types = Map.copyOf(types);
        writers = Map.copyOf(writers);
        if (roles.isEmpty()) {
            throw new IllegalArgumentException("sluice.roles: none (expected: publish, resolve or feed)");
        }
        if (types.isEmpty()) {
            throw new IllegalArgumentException("sluice.types: none (expected: at least one)");
        }
        if (journal.isDropped() && journal.retention().compareTo(feeds.resumeWindow()) < 0) {
            throw new SettingException(
                    "sluice.journal.retention",
                    journal.retention() + " (expected: 0, which drops nothing, or at least " + feeds.resumeWindow()
                            + ", as sluice.feeds.resume-window says: cursors are resumed from the journal)");
        }
    }

    public boolean has(Role role) {
        return roles.contains(role);
    }

    /**
     * @param bootstrapServers empty: the embedded one
     * @param properties given to every Kafka client as they are, such as {@code security.protocol}
     */
    public record Kafka(
            @DefaultValue("") String bootstrapServers,
            @DefaultValue Map<String, String> properties) {}

    /** How much PostgreSQL has to prove. Each is what the same word is to its own clients. */
    public enum SslMode {
        DISABLE,
        REQUIRE,
        VERIFY_CA,
        VERIFY_FULL
    }

    /**
     * @param url {@code postgresql://user:password@host:port/database}; empty: the embedded one
     * @param connections at most
     * @param user in the place of the URL's; empty: that one
     * @param password in the place of the URL's; empty: that one
     * @param sslMode null: {@code verify-full} with a root certificate, else as the URL says, or not at all
     * @param rootCertificate a file of certificates in PEM, one of which vouches for PostgreSQL; null: those of the JVM
     */
    public record Postgres(
            @DefaultValue("") String url,
            @DefaultValue("16") int connections,
            @DefaultValue("") String user,
            @DefaultValue("") String password,
            @Nullable SslMode sslMode,
            @Nullable Path rootCertificate) {
        public Postgres {
            if (sslMode == null && rootCertificate != null) {
                sslMode = SslMode.VERIFY_FULL;
            }
            if (rootCertificate != null && (sslMode == SslMode.DISABLE || sslMode == SslMode.REQUIRE)) {
                throw new IllegalArgumentException("sluice.postgres.ssl-mode: "
                        + sslMode.name().toLowerCase(Locale.ROOT)
                        + ", with a root-certificate (expected: verify-ca or verify-full, which look at it)");
            }
            if (connections < 2) {
                throw new IllegalArgumentException("sluice.postgres.connections: " + connections + " (expected: >= 2)");
            }
        }
    }

    /**
     * @param url {@code redis://host:port}, with TLS {@code rediss://host:port}; empty: the embedded one
     * @param user that the password is of; empty: the one who has no name
     * @param password in the place of what the URL says of both; empty: that
     * @param rootCertificate a file of certificates in PEM, one of which vouches for Redis; null: those of the JVM
     */
    public record Redis(
            @DefaultValue("") String url,
            @DefaultValue("") String user,
            @DefaultValue("") String password,
            @Nullable Path rootCertificate) {
        public Redis {
            if (!user.isEmpty() && password.isEmpty()) {
                throw new IllegalArgumentException(
                        "sluice.redis.user: " + user + ", without sluice.redis.password (expected: both)");
            }
            if (rootCertificate != null && !url.startsWith("rediss:")) {
                throw new IllegalArgumentException("sluice.redis.root-certificate: " + rootCertificate
                        + ", and sluice.redis.url asks for no TLS" + " (expected: rediss://host:port)");
            }
        }

        /** @throws SettingException if the root certificate cannot be read */
        public FarAccess access() {
            return new FarAccess(
                    user, password, RootCertificates.read("sluice.redis.root-certificate", rootCertificate));
        }
    }

    /**
     * @param topic of its events; empty: {@code <type>-events}
     * @param partitions of its events and updates; pinned
     * @param lane critical, standard or bulk
     * @param tombstoneRetention in log time: a context that is written again later than this after its deletion begins anew
     * @param priority classes of writers, the strongest first
     * @param deletion who wins between a removal and a write: priority, delete or patch
     * @param policies of paths
     * @param horizon in log time: how long it is known who wrote what
     * @param clockSkew an event time counts as at most so much later than the log's
     */
    public record TypeSettings(
            @DefaultValue("") String topic,
            @DefaultValue("4") int partitions,
            @DefaultValue("standard") String lane,
            @DefaultValue("7d") Duration tombstoneRetention,
            @DefaultValue List<String> priority,
            @DefaultValue("priority") String deletion,
            @DefaultValue List<PolicySettings> policies,
            @DefaultValue("7d") Duration horizon,
            @DefaultValue("1m") Duration clockSkew) {}

    /** @param path a JSON Pointer, in which {@code *} stands for any member @param rule of the policy {@code cel} */
    public record PolicySettings(
            @DefaultValue("") String path,
            @DefaultValue("") String policy,
            @DefaultValue("") String rule) {}

    /** @param kafkaPort 0: a free one @param dataDir where they keep everything */
    public record Embedded(
            @DefaultValue("./data") Path dataDir,
            @DefaultValue("9092") int kafkaPort) {}

    /**
     * @param body of a request, or of one event of many
     * @param batch of an array of events
     * @param depth of JSON
     * @param document a resolved one, encoded
     */
    public record Limits(
            @DefaultValue("1MB") DataSize body,
            @DefaultValue("10MB") DataSize batch,
            @DefaultValue("64") int depth,
            @DefaultValue("1MB") DataSize document) {
        public Limits {
            require("sluice.limits.body", body.toBytes(), 4 << 20);
            require("sluice.limits.batch", batch.toBytes(), 64 << 20);
            require("sluice.limits.document", document.toBytes(), 3 << 20);
            require("sluice.limits.depth", depth, Json.MAX_DEPTH);
        }

        private static void require(String name, long value, long max) {
            if (value < 1 || value > max) {
                throw new IllegalArgumentException(name + ": " + value + " (expected: 1 to " + max + ")");
            }
        }
    }

    /**
     * @param heartbeat a comment on a silent stream
     * @param resumeWindow how old a cursor may be
     * @param retry what a client is told to wait before it comes back
     * @param compression whether who accepts gzip gets it
     * @param maxFrames that wait for one reader, at most
     * @param maxBytes that wait for one reader, about, at most
     * @param maxWaiting bytes that wait for all readers together, about, at most
     * @param patience so long a reader may take nothing
     * @param maxSubscribers feeds, sockets and their subscriptions, of this process, at most
     */
    public record Feeds(
            @DefaultValue("15s") Duration heartbeat,
            @DefaultValue("24h") Duration resumeWindow,
            @DefaultValue("2s") Duration retry,
            @DefaultValue("true") boolean compression,
            @DefaultValue("10000") int maxFrames,
            @DefaultValue("4MB") DataSize maxBytes,
            @DefaultValue("256MB") DataSize maxWaiting,
            @DefaultValue("5m") Duration patience,
            @DefaultValue("100000") int maxSubscribers,
            @DefaultValue("2048") int ringUpdates,
            @DefaultValue("8MB") DataSize ringBytes) {
        public Feeds {
            if (heartbeat.toMillis() < 100) {
                throw new IllegalArgumentException("sluice.feeds.heartbeat: " + heartbeat + " (expected: >= 100ms)");
            }
        }
    }

    /**
     * In log time.
     *
     * @param slice what is dropped at once: how much of the journal is in one table
     * @param retention a slice is dropped when all of it is older than that; zero: never
     */
    public record Journal(
            @DefaultValue("30d") Duration slice,
            @DefaultValue("0s") Duration retention) {

        private static final Duration LEAST_SLICE = Duration.ofHours(1);
        private static final Duration MOST = Duration.ofDays(36_500);

        public Journal {
            if (slice.compareTo(LEAST_SLICE) < 0 || slice.compareTo(MOST) > 0) {
                throw new SettingException(
                        "sluice.journal.slice", slice + " (expected: " + LEAST_SLICE + " to " + MOST + ")");
            }
            if (!retention.isZero()
                    && (retention.compareTo(RecentIdentities.MAX_AGE) < 0 || retention.compareTo(MOST) > 0)) {
                throw new SettingException(
                        "sluice.journal.retention",
                        retention + " (expected: 0, which drops nothing, or " + RecentIdentities.MAX_AGE
                                + ", for which repeats of events are known, to " + MOST + ")");
            }
        }

        /** Whether any of it ever is. */
        public boolean isDropped() {
            return !retention.isZero();
        }
    }

    /** @param timeout after which it is not known whether Kafka has an event @param maxInFlight bytes on their way, at most */
    public record Publishing(
            @DefaultValue("10s") Duration timeout,
            @DefaultValue("32MB") DataSize maxInFlight) {}

    /** Per partition. @param maxUnfinished batches @param maxBatch records of a batch @param workingSet about */
    public record Resolving(
            @DefaultValue("4") int maxUnfinished,
            @DefaultValue("1000") int maxBatch,
            @DefaultValue("32MB") DataSize workingSet) {}

    /** @param local what the process remembers of contexts that were asked for @param timeout of Redis */
    public record Cache(
            @DefaultValue("128MB") DataSize local,
            @DefaultValue("100ms") Duration timeout,
            @DefaultValue("24h") Duration farTtl) {}

    /**
     * The caches are compared with the store now and then.
     *
     * @param interval 0: never
     * @param contexts at a time, at most
     */
    public record Consistency(
            @DefaultValue("1m") Duration interval,
            @DefaultValue("100") int contexts) {
        public Consistency {
            if (!interval.isZero() && interval.toMillis() < 1000) {
                throw new IllegalArgumentException(
                        "sluice.consistency.interval: " + interval + " (expected: >= 1s, or 0 for never)");
            }
            if (contexts < 1 || contexts > 1000) {
                throw new IllegalArgumentException(
                        "sluice.consistency.contexts: " + contexts + " (expected: 1 to 1000)");
            }
        }
    }

    /**
     * Which pages of other origins may use the API.
     *
     * @param origins such as {@code https://app.example.com} or {@code https://*.example.com}; none: no other
     * @param credentials whether browsers may send cookies with it
     */
    public record Cors(
            @DefaultValue List<String> origins,
            @DefaultValue("false") boolean credentials) {

        private static final Pattern ORIGIN = Pattern.compile("\\*|[a-z][a-z0-9+.-]*://[^/\\s?#@]+");

        public Cors {
            origins = List.copyOf(origins);
            for (String origin : origins) {
                if (!ORIGIN.matcher(origin).matches()) {
                    throw new IllegalArgumentException("sluice.cors.origins: \"" + Texts.shown(origin)
                            + "\" (expected: scheme://host:port without a path, such as https://*.example.com)");
                }
            }
            if (credentials && origins.contains("*")) {
                throw new IllegalArgumentException(
                        "sluice.cors.credentials: true, with the origin * (expected: origins that are named)");
            }
        }
    }

    /** @param enabled replays a public data set as contexts that change @param speed seconds of the data in a second */
    public record Demo(
            @DefaultValue("false") boolean enabled,
            @DefaultValue("3600") double speed) {
        public Demo {
            if (!(speed > 0) || speed > 1e9) {
                throw new IllegalArgumentException("sluice.demo.speed: " + speed + " (expected: > 0, at most 1e9)");
            }
        }
    }
}
