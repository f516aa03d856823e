package io.sluice.cache;

import io.lettuce.core.RedisURI;
import io.lettuce.core.SslOptions;
import io.lettuce.core.StaticCredentialsProvider;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.Texts;
import java.time.Duration;

/** A {@link FarAccess} as the client of Redis takes it. */
final class RedisAccess {

    private RedisAccess() {}

    /**
     * The URL, with these credentials in the place of its own, if there are any.
     *
     * @throws MalformedException if it is none, without a password that is in it
     */
    static RedisURI uri(String url, FarAccess access, Duration timeout) {
        RedisURI uri = parse(url);
        uri.setTimeout(timeout);
        if (!access.password().isEmpty()) {
            String user = access.user().isEmpty() ? null : access.user();
            uri.setCredentialsProvider(
                    new StaticCredentialsProvider(user, access.password().toCharArray()));
        }
        return uri;
    }

    private static RedisURI parse(String url) {
        try {
            return RedisURI.create(url);
        } catch (IllegalArgumentException e) {
            // What it says has the password in it.
            throw new MalformedException(
                    "malformed-setting",
                    "sluice.redis.url: \"" + Texts.withoutSecrets(url)
                            + "\" (expected: redis://host:port, with TLS rediss://host:port; user and password before the host,"
                            + " escaped as in any URL, or as sluice.redis.user and .password)");
        }
    }

    static SslOptions tls(FarAccess access, Duration timeout) {
        SslOptions.Builder tls = SslOptions.builder().handshakeTimeout(timeout);
        if (access.trust() != null) {
            tls.trustManager(access.trust());
        }
        return tls.build();
    }
}
