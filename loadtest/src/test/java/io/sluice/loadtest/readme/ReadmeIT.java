package io.sluice.loadtest.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The pages say what is so: the README's commands work, one after the other, as they stand there, and links lead somewhere. */
class ReadmeIT {

    private static final Path ROOT = Path.of(System.getProperty("root"));

    /** Loads are made short; what they check is the same. */
    private static final String SHORT =
            " -Dsluice.duration=2 -Dsluice.warmup=0 -Dsluice.patience=120 -Dsluice.report=report";

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:\\s]*)(?:#([^)\\s]*))?\\)");

    private Shell shell;
    private Shell.Running gateway;
    private String url;
    private final List<Shell.Running> streams = new ArrayList<>();

    @Test
    void everyCommandOfTheReadmeDoesWhatItSays(@TempDir Path folder) throws Exception {
        try (Shell opened = Shell.in(folder, ROOT)) {
            shell = opened;
            for (Readme.Block block : Readme.read(ROOT.resolve("README.md")).blocks()) {
                switch (block.language()) {
                    case "sh" -> {
                        for (String command : block.commands()) {
                            perform(command);
                        }
                    }
                    case "js" -> javascript(block.text());
                    case "" -> shown(block.text());
                    default ->
                        throw new AssertionError(
                                "a block in " + block.language() + " (expected: sh, js, or what is shown)");
                }
            }
            requireStreams();
        }
    }

    private void perform(String command) throws Exception {
        if (command.startsWith("./sluice run")) {
            stopGateway();
            gateway = shell.start(command).await("(?m)^Sluice is ready after ");
            url = shell.endpoints().getProperty("gateway");
        } else if (command.startsWith("./sluice load ")) {
            String few =
                    command.contains("orders") ? " -Dsluice.orders=3000" : " -Dsluice.rate=20 -Dsluice.watchers=20";
            String said = shell.run(command.replaceFirst("\\s*(#.*)?$", SHORT + few));
            assertThat(said).contains("what was acknowledged came, as promised");
        } else if (command.startsWith("./sluice test")) {
            shell.run(command);
            assertThat(shell.builds()).containsPattern("verify -Dsluice.test.seed=[0-9]+\n$");
        } else if (command.endsWith(" parts")) {
            stopGateway();
            gateway = shell.start(command).await("(?m)^Ready after ");
        } else if (command.startsWith("java -jar gateway/target/sluice.jar ")) {
            shell.start(withAddresses(command)).await("(?m)^Sluice is ready after ");
        } else {
            String here = command.replace("http://127.0.0.1:8080", url);
            if (here.contains("text/event-stream")) {
                streams.add(shell.start(here).await("event: ready"));
            } else {
                shell.run(here);
            }
        }
    }

    /** Streams of a gateway that is stopped have ended by then, and what they said is looked at. */
    private void stopGateway() throws Exception {
        if (gateway != null) {
            requireStreams();
            gateway.stop();
            gateway = null;
        }
    }

    private void requireStreams() {
        streams.forEach(stream -> stream.await("version\"?: ?[0-9]"));
        streams.clear();
    }

    private String withAddresses(String command) throws IOException {
        Properties endpoints = shell.endpoints();
        return command.replace("--server.port=8081", "--server.port=0")
                .replace("bootstrap-servers=...", "bootstrap-servers=" + endpoints.getProperty("kafka"))
                .replace("postgres.url=...", "postgres.url=" + endpoints.getProperty("postgres"))
                .replace("redis.url=...", "redis.url=" + endpoints.getProperty("redis"));
    }

    private void javascript(String text) throws Exception {
        shell.run("npm install --no-audit --no-fund centrifuge");
        shell.file(
                "page.mjs",
                text.replace("ws://127.0.0.1:8080", url.replaceFirst("^http", "ws"))
                        + "\nsluice.on('connected', () => console.log('connected'));\n");
        Shell.Running page = shell.start("node page.mjs").await("connected");
        streams.add(page);
    }

    /** What is shown of a stream, "..." standing for anything, one of the streams has said. A drawing is shown to nobody but people. */
    private void shown(String text) {
        if (!text.contains("event: ")) {
            return;
        }
        String regex = Stream.of(text.strip().split("\\.\\.\\.", -1))
                .map(Pattern::quote)
                .collect(Collectors.joining(".*"));
        assertThat(streams).isNotEmpty();
        streams.getFirst().await(regex);
    }

    static Stream<Path> pages() throws IOException {
        try (Stream<Path> found =
                Files.find(ROOT, 8, (path, attributes) -> path.toString().endsWith(".md"))) {
            return found
                    .map(ROOT::relativize)
                    .filter(path -> !path.toString().matches("(.*/)?(target|node_modules|data|build)/.*"))
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyLinkLeadsSomewhere(Path page) throws IOException {
        Path file = ROOT.resolve(page);
        Matcher link = LINK.matcher(Files.readString(file));
        while (link.find()) {
            Path target = link.group(1).isEmpty() ? file : file.resolveSibling(link.group(1));
            assertThat(target).as(link.group()).exists();
            if (link.group(2) != null) {
                assertThat(anchors(target)).as(link.group()).contains(link.group(2));
            }
        }
    }

    /** Of the headings of a page, as they are made where Markdown is shown: small letters, no punctuation, hyphens. */
    private static List<String> anchors(Path page) throws IOException {
        return Files.readString(page)
                .lines()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ ", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .toList();
    }
}
