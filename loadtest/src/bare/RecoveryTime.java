import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long nothing is resolved when a gateway is killed (SIGKILL). Two gateways share the partitions; 16 writers write contexts of their
 * own through the second one, each waiting for the outcome of the one write before the next. The first gateway is killed: the longest
 * wait of any writer is printed, and how many writers had to wait for longer than a second. In odd rounds it is started again at once,
 * with the same node id; in even ones only after the partitions have been taken over. Arguments: the jar of the gateway, a folder,
 * rounds.
 */
public class RecoveryTime {

    private static final Pattern READY = Pattern.compile("(?m)^Sluice is ready after .*: (http\\S+)$");
    private static final int WRITERS = 16;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Path jar;
    private final Path folder;
    private volatile boolean writing;

    private RecoveryTime(Path jar, Path folder) {
        this.jar = jar;
        this.folder = folder;
    }

    public static void main(String[] args) throws Exception {
        new RecoveryTime(Path.of(args[0]), Files.createDirectories(Path.of(args[1]))).run(Integer.parseInt(args[2]));
    }

    private record Gateway(Process process, String url) {}

    private void run(int rounds) throws Exception {
        List<Process> all = new ArrayList<>();
        try (ExecutorService writers = Executors.newFixedThreadPool(WRITERS)) {
            Process parts = java("parts.txt", "parts", "--sluice.embedded.data-dir=" + folder.resolve("data"), "--sluice.embedded.kafka-port=0");
            all.add(parts);
            await("parts.txt", Pattern.compile("(?m)^Ready after (.*)$"));
            Properties endpoints = new Properties();
            try (var reader = Files.newBufferedReader(folder.resolve("data/endpoints.properties"))) {
                endpoints.load(reader);
            }
            Gateway second = gateway("b", endpoints);
            all.add(second.process);
            Gateway first = gateway("a", endpoints);
            all.add(first.process);
            warm(writers, second);
            for (int round = 1; round <= rounds; round++) {
                boolean again = round % 2 == 1;
                writing = true;
                List<Future<Long>> longest = new ArrayList<>();
                for (int i = 0; i < WRITERS; i++) {
                    longest.add(writers.submit(writer(second, "customer/recovery-" + i)));
                }
                TimeUnit.SECONDS.sleep(5);
                first.process.destroyForcibly().waitFor();
                if (again) {
                    first = gateway("a", endpoints);
                    all.add(first.process);
                }
                TimeUnit.SECONDS.sleep(20);
                writing = false;
                long max = 0;
                int waited = 0;
                for (Future<Long> one : longest) {
                    max = Math.max(max, one.get());
                    waited += one.get() > 1_000 ? 1 : 0;
                }
                System.out.printf("%s: the longest wait was %d ms, %d of %d writers waited for more than a second%n",
                        again ? "killed, and started again at once" : "killed, and taken over by the other", max, waited, WRITERS);
                if (!again) {
                    first = gateway("a", endpoints);
                    all.add(first.process);
                    warm(writers, second);
                }
            }
        } finally {
            all.reversed().forEach(Process::destroy);
            for (Process process : all) {
                process.waitFor(30, TimeUnit.SECONDS);
            }
        }
    }

    private void warm(ExecutorService writers, Gateway gateway) throws Exception {
        writing = true;
        List<Future<Long>> all = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            all.add(writers.submit(writer(gateway, "customer/recovery-" + i)));
        }
        TimeUnit.SECONDS.sleep(10);
        writing = false;
        for (Future<Long> one : all) {
            one.get();
        }
    }

    /** Milliseconds of the longest wait. A write that is not answered with its outcome is an error. */
    private Callable<Long> writer(Gateway gateway, String key) {
        return () -> {
            long longest = 0;
            for (int n = 0; writing; n++) {
                long begin = System.nanoTime();
                HttpResponse<String> answer = http.send(
                        HttpRequest.newBuilder(URI.create(gateway.url + "/v1/contexts/" + key))
                                .header("Content-Type", "application/merge-patch+json")
                                .header("Prefer", "wait=60")
                                .method("PATCH", HttpRequest.BodyPublishers.ofString("{\"n\":" + System.nanoTime() + "}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() / 100 != 2 || answer.statusCode() == 202) {
                    throw new IllegalStateException(key + ": " + answer.statusCode() + " " + answer.body());
                }
                longest = Math.max(longest, (System.nanoTime() - begin) / 1_000_000);
            }
            return longest;
        };
    }

    private Gateway gateway(String name, Properties endpoints) throws Exception {
        Files.deleteIfExists(folder.resolve(name + ".txt"));
        Process process = java(
                name + ".txt",
                "--server.port=0",
                "--sluice.node-id=" + name,
                "--sluice.kafka.bootstrap-servers=" + endpoints.getProperty("kafka"),
                "--sluice.postgres.url=" + endpoints.getProperty("postgres"),
                "--sluice.redis.url=" + endpoints.getProperty("redis"));
        return new Gateway(process, await(name + ".txt", READY));
    }

    private Process java(String output, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar", jar.toString()));
        command.addAll(List.of(words));
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(folder.resolve(output).toFile()).start();
    }

    private String await(String output, Pattern pattern) throws Exception {
        for (int i = 0; i < 1_200; i++) {
            Matcher matcher = pattern.matcher(Files.readString(folder.resolve(output)));
            if (matcher.find()) {
                return matcher.group(1);
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw new IllegalStateException(output + " does not say " + pattern);
    }
}
