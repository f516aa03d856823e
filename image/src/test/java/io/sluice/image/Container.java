package io.sluice.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The entry point of an image, run as Kubernetes would with a read-only root: in a mount namespace of its own, with the image's
 * files as its root, nothing to write to but {@code /tmp}, and the image's user, if we are root; else as whoever we are.
 */
final class Container implements AutoCloseable {

    private static final String ENTER = """
            root=$1; shift
            mount --bind "$root" "$root" && mount --rbind /proc "$root/proc" && mount --rbind /dev "$root/dev" &&
            mount -t tmpfs -o size=256m,mode=1777 tmpfs "$root/tmp" && mount -o remount,ro,bind "$root" &&
            exec env -i "$@"
            """;

    private final Process process;
    private final Path output;

    private Container(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** @param environment over the image's */
    static Container start(Image image, Path work, Map<String, String> environment) {
        try {
            for (String folder : List.of("proc", "dev")) {
                Files.createDirectories(image.root().resolve(folder));
            }
            // As Kubernetes gives every container its own.
            for (String file : List.of("hosts", "resolv.conf")) {
                Files.copy(
                        Path.of("/etc", file),
                        image.root().resolve("etc").resolve(file),
                        StandardCopyOption.REPLACE_EXISTING);
            }
            Map<String, String> all = new LinkedHashMap<>();
            image.words("Env").forEach(pair -> all.put(pair.split("=", 2)[0], pair.split("=", 2)[1]));
            all.putAll(environment);
            boolean isRoot = isRoot();
            List<String> words = new ArrayList<>(List.of("unshare", "--mount", "--propagation", "private"));
            if (!isRoot) {
                words.addAll(List.of("--user", "--map-root-user"));
            }
            words.addAll(List.of("sh", "-c", ENTER, "sh", image.root().toString()));
            all.forEach((name, value) -> words.add(name + "=" + value));
            words.add(chroot());
            if (isRoot) {
                words.add("--userspec=" + image.container().get("User").asString());
            }
            words.add(image.root().toString());
            words.addAll(image.words("Entrypoint"));
            Path output = Files.createTempFile(work, "container", ".log");
            return new Container(
                    new ProcessBuilder(words)
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start(),
                    output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static boolean isRoot() throws IOException {
        return Image.run("id", "-u").strip().equals("0");
    }

    private static String chroot() {
        return Files.isExecutable(Path.of("/usr/sbin/chroot")) ? "/usr/sbin/chroot" : "/usr/bin/chroot";
    }

    String output() {
        try {
            return Files.readString(output, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isRunning() {
        return process.isAlive();
    }

    /** The process of the entry point itself: nothing stands between, and a signal reaches the JVM. */
    long pid() {
        return process.pid();
    }

    /** Its status when it has ended by itself. */
    int await(Duration patience) throws InterruptedException {
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("it runs still: " + output());
        }
        return process.exitValue();
    }

    /** Asks it to stop, as Kubernetes does. */
    int stop(Duration patience) throws InterruptedException {
        process.destroy();
        return await(patience);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
