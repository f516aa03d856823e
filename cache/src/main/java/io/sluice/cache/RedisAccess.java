package io.sluice.cache;

import io.lettuce.core.RedisURI;
import io.lettuce.core.SslOptions;
import io.lettuce.core.StaticCredentialsProvider;
import java.time.Duration;

/** A {@link FarAccess} as the client of Redis takes it. */
final class RedisAccess {

    private RedisAccess() {}

    /** The URL, with these credentials in the place of its own, if there are any. */
    static RedisURI uri(String url, FarAccess access, Duration timeout) {
        RedisURI uri = RedisURI.create(url);
        uri.setTimeout(timeout);
        if (!access.password().isEmpty()) {
            String user = access.user().isEmpty() ? null : access.user();
            uri.setCredentialsProvider(
                    new StaticCredentialsProvider(user, access.password().toCharArray()));
        }
        return uri;
    }

    static SslOptions tls(FarAccess access, Duration timeout) {
        SslOptions.Builder tls = SslOptions.builder().handshakeTimeout(timeout);
        if (access.trust() != null) {
            tls.trustManager(access.trust());
        }
        return tls.build();
    }
}
