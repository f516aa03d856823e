package io.sluice.cache;

import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Who asks the shared cache, and whom it may be.
 *
 * @param user that the password is of; empty: the one who has no name
 * @param password in the place of what the URL says of both; empty: that
 * @param trust whose word counts for the cache's own certificate; null: those that the JVM trusts
 */
public record FarAccess(
        String user, String password, @Nullable TrustManagerFactory trust) {

    public static FarAccess asInUrl() {
        return new FarAccess("", "", null);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "FarAccess[" + user + "]";
    }
}
