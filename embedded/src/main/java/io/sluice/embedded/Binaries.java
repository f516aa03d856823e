package io.sluice.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * The servers' programs, unpacked once from their artifacts and used from then on. A bundle appears under its final name
 * complete, so that processes may unpack it at the same time.
 *
 * @param home the folder to unpack into
 */
record Binaries(Path home) {
    private static final boolean ARM = System.getProperty("os.arch", "").matches("aarch64|arm64");

    /** The user's cache if it can be written to, else a place in the data folder. */
    static Binaries of(DataFolder folder) {
        String cache = System.getenv("XDG_CACHE_HOME");
        Path base = cache == null || cache.isBlank()
                ? Path.of(System.getProperty("user.home", "/nonexistent"), ".cache")
                : Path.of(cache);
        try {
            Path home = Files.createDirectories(base.toAbsolutePath().resolve("sluice"));
            return Files.isWritable(home) ? new Binaries(home) : within(folder);
        } catch (IOException e) {
            return within(folder);
        }
    }

    static Binaries within(DataFolder folder) {
        return new Binaries(folder.file("binaries"));
    }

    /** The folder that has {@code bin/postgres}. */
    Path postgres() {
        return unpacked("PostgreSQL", "postgres-linux-" + (ARM ? "arm_64" : "x86_64") + ".txz", Binaries::untar);
    }

    /** The folder that has {@code redis-server}. */
    Path redis() {
        String resource = ARM ? "redis-server-6.2.7-linux-arm64" : "redis-server-6.2.6-v5-linux-amd64";
        return unpacked("Redis", resource, (in, target) -> {
            Files.copy(in, target.resolve("redis-server"));
            permit(target.resolve("redis-server"), true);
        });
    }

    private Path unpacked(String name, String resource, Unpacking unpacking) {
        try {
            URLConnection source = find(name, resource).openConnection();
            // The length stands for the version, which no artifact tells: another version of the same length is not
            // likely.
            Path target = home.resolve(resource + "-" + source.getContentLengthLong());
            if (!Files.exists(target)) {
                unpack(source, target, unpacking);
            }
            return target;
        } catch (IOException e) {
            throw new PartsException("The embedded " + name + " cannot be unpacked: " + Reason.of(e), e);
        }
    }

    private static URL find(String name, String resource) {
        URL url = Binaries.class.getResource("/" + resource);
        if (url == null
                || !System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux")) {
            throw new PartsException("The embedded " + name + " does not run on " + System.getProperty("os.name") + " "
                    + System.getProperty("os.arch") + " (leave it out of " + PartsSettings.PARTS + ")");
        }
        return url;
    }

    private void unpack(URLConnection source, Path target, Unpacking unpacking) throws IOException {
        Files.createDirectories(home);
        Path next = Files.createTempDirectory(home, "unpacking-");
        Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (InputStream in = source.getInputStream()) {
            unpacking.unpack(in, next);
            Command.succeeds(List.of("sync", "-f", next.toString())); // a crash must not leave a bundle of empty files
            Files.move(next, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            if (!Files.exists(target)) { // else another process was faster
                throw e;
            }
        } finally {
            Folders.delete(next);
        }
    }

    private static void untar(InputStream in, Path target) throws IOException {
        try (var tar = new TarArchiveInputStream(new XZInputStream(in))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path path = target.resolve(entry.getName()).normalize();
                if (!path.startsWith(target)) {
                    throw new IOException(entry.getName() + " lies outside of the bundle");
                }
                Files.createDirectories(entry.isDirectory() ? path : path.resolveSibling(""));
                if (entry.isSymbolicLink()) {
                    Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
                } else if (!entry.isDirectory()) {
                    Files.copy(tar, path);
                    permit(path, (entry.getMode() & 0100) != 0);
                }
            }
        }
    }

    private static void permit(Path file, boolean executable) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
    }

    @FunctionalInterface
    private interface Unpacking {
        void unpack(InputStream in, Path target) throws IOException;
    }
}
