package io.sluice.gateway.settings;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Whom to believe. Files are read at start, and not again: connections are made where nothing may wait for a disk. */
public final class RootCertificates {

    private RootCertificates() {}

    /**
     * Reads a file. Blocks.
     *
     * @param setting its name
     * @return null: no file was set, and those of the JVM count
     * @throws SettingException if there are no certificates in it
     */
    public static @Nullable TrustManagerFactory read(String setting, @Nullable Path file) {
        if (file == null) {
            return null;
        }
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (Certificate certificate : certificates(setting, file)) {
                store.setCertificateEntry(String.valueOf(store.size()), certificate);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            return trust;
        } catch (IOException | GeneralSecurityException e) {
            throw unreadable(setting, file, e.toString());
        }
    }

    private static Collection<? extends Certificate> certificates(String setting, Path file)
            throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(file)) {
            Collection<? extends Certificate> found =
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (found.isEmpty()) {
                throw unreadable(setting, file, "it has none");
            }
            return found;
        }
    }

    private static SettingException unreadable(String setting, Path file, String reason) {
        return new SettingException(
                setting, "\"" + file + "\" cannot be read: " + reason + " (expected: a file of certificates in PEM)");
    }
}
