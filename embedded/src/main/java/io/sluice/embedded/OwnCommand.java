package io.sluice.embedded;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line that runs {@link PartsMain} in another JVM like this one. */
final class OwnCommand {
    private OwnCommand() {}

    static List<String> words() {
        return words(
                System.getProperty("java.class.path"),
                System.getProperty("sun.java.command", ""),
                Runtime.version().feature());
    }

    static List<String> words(String classPath, String command, int feature) {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // The second compiler would take as much of the processor as the start itself, and most of these lives are
        // short.
        words.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        words.add("--enable-native-access=ALL-UNNAMED");
        if (feature >= 23) {
            words.add("--sun-misc-unsafe-memory-access=allow"); // Kafka's index files, else a warning
        }
        if (isJar(classPath, command)) {
            words.addAll(List.of("-jar", classPath, "parts"));
        } else {
            words.addAll(List.of("-cp", classPath, PartsMain.class.getName()));
        }
        return words;
    }

    /** Whether this JVM runs with {@code -jar}: the jar is then the whole class path and the first word of the command. */
    private static boolean isJar(String classPath, String command) {
        return classPath.endsWith(".jar")
                && !classPath.contains(File.pathSeparator)
                && (command + " ").startsWith(classPath + " ");
    }
}
