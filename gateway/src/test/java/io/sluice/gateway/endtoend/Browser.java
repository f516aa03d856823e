package io.sluice.gateway.endtoend;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Chromium, and pages in it whose origin is not the gateway's. */
final class Browser implements AutoCloseable {

    private static final List<String> NAMES =
            List.of("chromium", "chromium-browser", "google-chrome-stable", "google-chrome");

    private final Script script;

    private Browser(Script script) {
        this.script = script;
    }

    /** Fails with one line if there is no Chromium: what these tests show, nothing else does. */
    static Browser start() throws IOException {
        String chromium = executable(System.getenv("PATH"));
        NodeClients.install();
        Browser browser = new Browser(Script.start("node", "browser.mjs", chromium));
        try {
            browser.script.await("Chromium", line -> line.has("origin"));
            return browser;
        } catch (RuntimeException e) {
            browser.close();
            throw e;
        }
    }

    /** The first on the path, by its names. */
    static String executable(String path) {
        return NAMES.stream()
                .flatMap(name -> Arrays.stream(path.split(File.pathSeparator)).map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError("These tests need Chromium (expected: one of " + NAMES
                        + " on the PATH; on Debian: apt-get install chromium)"))
                .toString();
    }

    /** @param name the page is opened when it is first named */
    Page page(String name) {
        return page(name, "localhost");
    }

    Page page(String name, String host) {
        return new Page(name, host);
    }

    /** All pages, and with them what they watch: of one gateway over HTTP/1.1 six feeds are all that there can be. */
    void closePages() {
        script.tell("{\"close\":true}");
    }

    @Override
    public void close() {
        script.close();
    }

    /** What runs in it is {@code page.mjs}. */
    final class Page {

        private final String name;
        private final String host;

        private Page(String name, String host) {
            this.name = name;
            this.host = host;
        }

        /** @param options members of the options, after the name and the address */
        void watch(String feed, String url, String... options) {
            String more = Stream.of(options).map(option -> "," + option).reduce("", String::concat);
            call("watch", "{\"feed\":\"" + feed + "\",\"url\":\"" + url + "\"" + more + "}");
        }

        void call(String function, String argument) {
            script.tell("{\"page\":\"" + name + "\",\"host\":\"" + host + "\",\"call\":\"" + function + "\",\"with\":"
                    + argument + "}");
        }

        List<JsonNode> lines(Predicate<JsonNode> which) {
            return script.lines(line -> line.path("page").asString("").equals(name) && which.test(line));
        }

        JsonNode await(String what, Predicate<JsonNode> which) {
            return script.await(what, line -> line.path("page").asString("").equals(name) && which.test(line));
        }

        /** What a feed has brought, but for errors. */
        Seen seen(String feed) {
            return new Seen(lines(Seen.of(feed)));
        }

        Seen awaitVersion(String feed, long version) {
            await(
                    feed + " at version " + version,
                    Seen.of(feed).and(line -> line.path("data").path("version").asLong(0) == version));
            return seen(feed);
        }

        void awaitType(String feed, String type) {
            await(
                    feed + " has " + type,
                    Seen.of(feed).and(line -> line.path("type").asString().equals(type)));
        }

        JsonNode awaitError(String feed, int state) {
            return await(
                    feed + " in state " + state,
                    line -> line.path("feed").asString("").equals(feed)
                            && line.path("state").asInt(-1) == state);
        }
    }

    /** Events of one feed, in their order. */
    record Seen(List<JsonNode> events) {

        static Predicate<JsonNode> of(String feed) {
            return line -> line.path("feed").asString("").equals(feed) && line.has("data");
        }

        List<String> types() {
            return events.stream().map(event -> event.path("type").asString()).toList();
        }

        List<Long> versions() {
            return events.stream()
                    .filter(event -> event.path("data").has("version"))
                    .map(event -> event.path("data").path("version").asLong())
                    .toList();
        }
    }
}
