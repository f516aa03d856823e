package io.sluice.gateway;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The way in. Compiled for an older Java than the rest: run on one that is too old for the rest, it finds a newer one where
 * they usually are and goes on there, as a child that takes its signals and dies with it.
 */
public final class Sluice {

    private static final int LEVEL = 21;
    private static final Pattern VERSION = Pattern.compile("JAVA_VERSION=\"(\\d+)");
    private static final String LAUNCHED = "sluice.launched";
    private static final String STARTED_AT = "sluice.started-at";

    private Sluice() {}

    /**
     * {@code parts} starts the embedded parts and nothing else, {@code verify} and {@code rebuild} look after what is stored;
     * everything else are settings of the gateway.
     */
    public static void main(String[] args) throws Exception {
        if (Runtime.version().feature() < LEVEL) {
            System.exit(launch(args));
        }
        if (Boolean.getBoolean(LAUNCHED)) {
            dieWithParent();
        }
        String command = args.length > 0 ? args[0] : "";
        boolean parts = command.equals("parts");
        boolean repair = command.equals("verify") || command.equals("rebuild");
        String main = parts
                ? "io.sluice.embedded.PartsMain"
                : "io.sluice.gateway." + (repair ? "RepairCommand" : "GatewayApplication");
        String[] rest = parts ? Arrays.copyOfRange(args, 1, args.length) : args;
        try {
            Class.forName(main).getMethod("main", String[].class).invoke(null, (Object) rest);
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private static int launch(String[] args) throws IOException, InterruptedException {
        Path home = newestJdk();
        if (home == null) {
            System.err.println("Sluice needs Java " + LEVEL + " or newer, and this is Java "
                    + Runtime.version().feature() + "; none was found: install one, or run it with its full path.");
            return 1;
        }
        List<String> command = new ArrayList<>();
        command.add(home.resolve("bin/java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.add(
                "-D" + STARTED_AT + "=" + ManagementFactory.getRuntimeMXBean().getStartTime());
        boolean ownPipe = !List.of(args).contains("--parent");
        if (ownPipe) {
            command.add("-D" + LAUNCHED + "=true");
        }
        command.addAll(target());
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        if (ownPipe) {
            builder.redirectInput(ProcessBuilder.Redirect.PIPE);
        }
        Process child = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(child)));
        return child.waitFor();
    }

    private static List<String> target() {
        String classPath = System.getProperty("java.class.path");
        boolean isJar = classPath.endsWith(".jar") && !classPath.contains(File.pathSeparator);
        return isJar ? List.of("-jar", classPath) : List.of("-cp", classPath, Sluice.class.getName());
    }

    private static void stop(Process child) {
        child.destroy();
        try {
            child.waitFor(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The parent holds the other end of standard input: when it is gone, however it went, there is nothing to read. */
    private static void dieWithParent() {
        Thread watch = new Thread(() -> {
            try {
                while (System.in.read() >= 0) {
                    // Nobody writes there.
                }
            } catch (IOException e) {
                // As good as the end.
            }
            if (!stopping()) {
                Runtime.getRuntime().halt(137);
            }
        });
        watch.setName("parent-watch");
        watch.setDaemon(true);
        watch.start();
    }

    /** While the parent waits for a clean stop its pipe stays open; this is for the moment after. */
    private static boolean stopping() {
        Thread probe = new Thread(() -> {});
        try {
            Runtime.getRuntime().addShutdownHook(probe);
            Runtime.getRuntime().removeShutdownHook(probe);
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }

    private static @Nullable Path newestJdk() {
        String user = System.getProperty("user.home");
        List<Path> homes = new ArrayList<>();
        addIfSet(homes, System.getenv("JAVA_HOME"));
        for (String folder : List.of(
                "/usr/lib/jvm",
                "/usr/local/lib/jvm",
                "/usr/java",
                "/opt",
                "/opt/java",
                "/Library/Java/JavaVirtualMachines",
                user + "/Library/Java/JavaVirtualMachines",
                user + "/.sdkman/candidates/java",
                user + "/.jdks",
                user + "/.asdf/installs/java",
                user + "/.local/share/mise/installs/java")) {
            homes.addAll(children(Path.of(folder)));
        }
        @Nullable Path best = null;
        int bestVersion = LEVEL - 1;
        for (Path home : homes) {
            Path java = Files.isDirectory(home.resolve("Contents/Home")) ? home.resolve("Contents/Home") : home;
            int version = version(java);
            if (version > bestVersion) {
                best = java;
                bestVersion = version;
            }
        }
        return best;
    }

    private static void addIfSet(List<Path> homes, @Nullable String home) {
        if (home != null && !home.isBlank()) {
            homes.add(Path.of(home));
        }
    }

    private static List<Path> children(Path folder) {
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, Files::isDirectory)) {
                stream.forEach(found::add);
            } catch (IOException e) {
                // A folder that cannot be read has nothing for us.
            }
        }
        return found;
    }

    private static int version(Path home) {
        try {
            if (Files.isExecutable(home.resolve("bin/java"))) {
                Matcher matcher = VERSION.matcher(Files.readString(home.resolve("release")));
                return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
            }
        } catch (IOException e) {
            // As good as none.
        }
        return 0;
    }
}
