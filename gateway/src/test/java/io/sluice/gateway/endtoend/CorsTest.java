package io.sluice.gateway.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.endtoend.Api.Answer;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Pages of other origins. */
@EndToEnd
class CorsTest {

    private static final String GOOD = "https://app.example.com";
    private static final String EVIL = "https://app.example.com.evil.org";

    private static Gateway open;

    @BeforeAll
    static void start() {
        open = Stack.another(
                "--sluice.roles=publish,feed",
                "--sluice.cors.origins=https://*.example.com,http://localhost:[*]",
                "--sluice.cors.credentials=true");
    }

    @AfterAll
    static void stop() {
        open.close();
    }

    private static void requireAllowed(Answer answer, String origin) {
        assertThat(answer.header("Access-Control-Allow-Origin"))
                .as("%s", answer)
                .isEqualTo(origin);
        assertThat(answer.header("Access-Control-Allow-Credentials")).isEqualTo("true");
        assertThat(String.join(",", answer.headers().allValues("Vary"))).contains("Origin");
        assertThat(answer.headers().allValues("Access-Control-Allow-Origin")).hasSize(1);
    }

    private static void requireNotAllowed(Answer answer) {
        assertThat(answer.headers().map().keySet())
                .as("%s", answer)
                .noneMatch(name -> name.toLowerCase(java.util.Locale.ROOT).startsWith("access-control-"));
    }

    @Test
    void browsersAreToldBeforeTheyAsk() {
        for (String path : List.of("/v1/contexts/customer/1", "/v1/contexts/customer", "/v1/events", "/v1/feeds")) {
            Answer answer = open.api()
                    .send(
                            "OPTIONS",
                            path,
                            null,
                            "Origin",
                            GOOD,
                            "Access-Control-Request-Method",
                            "POST",
                            "Access-Control-Request-Headers",
                            "content-type, last-event-id");
            assertThat(answer.status()).as(path).isEqualTo(200);
            requireAllowed(answer, GOOD);
            assertThat(answer.header("Access-Control-Allow-Methods")).contains("PATCH", "DELETE");
            assertThat(answer.header("Access-Control-Allow-Headers")).contains("last-event-id");
            assertThat(answer.header("Access-Control-Max-Age")).isEqualTo("3600");
            Answer refused =
                    open.api().send("OPTIONS", path, null, "Origin", EVIL, "Access-Control-Request-Method", "POST");
            assertThat(refused.status()).as(path).isEqualTo(403);
            requireNotAllowed(refused);
        }
    }

    @Test
    void answersAreForPagesThatMay() {
        String path = "/v1/contexts/customer/" + Stack.fresh("cors");
        Answer written = open.api().put(path, "{\"n\":1}", Api.with(Api.WAIT, "Origin", GOOD));
        assertThat(written.status()).isEqualTo(200);
        requireAllowed(written, GOOD);
        assertThat(written.header("Access-Control-Expose-Headers"))
                .contains("ETag", "Sluice-Version", "Sluice-Event-Id", "Retry-After", "Location");
        requireAllowed(open.api().get(path, "Origin", "http://localhost:3000"), "http://localhost:3000");
        requireAllowed(open.api().get(path + "-nothing", "Origin", GOOD), GOOD);
        Answer other = open.api().get(path, "Origin", EVIL);
        assertThat(other.status()).isEqualTo(200);
        requireNotAllowed(other);
        requireNotAllowed(open.api().get(path));
    }

    @Test
    void feedsAreForPagesThatMay() {
        try (Feed feed = open.watch("/v1/contexts/customer/1", "Origin", GOOD);
                Feed posted = open.watchPosted("{\"keys\":[\"customer/1\"]}", "Origin", GOOD);
                Feed other = open.watch("/v1/contexts/customer/1", "Origin", EVIL)) {
            feed.awaitReady();
            posted.awaitReady();
            other.awaitReady();
            assertThat(feed.headers().firstValue("Access-Control-Allow-Origin")).hasValue(GOOD);
            assertThat(feed.headers().firstValue("Access-Control-Allow-Credentials"))
                    .hasValue("true");
            assertThat(feed.headers().firstValue("Vary").orElse("")).isEqualToIgnoringCase("Origin");
            assertThat(posted.headers().firstValue("Access-Control-Allow-Origin"))
                    .hasValue(GOOD);
            assertThat(other.headers().firstValue("Access-Control-Allow-Origin"))
                    .isEmpty();
            assertThat(other.headers().firstValue("Vary").orElse("")).isEqualToIgnoringCase("Origin");
        }
        Answer wrong =
                open.api().get("/v1/contexts/customer?filter=nope", "Accept", "text/event-stream", "Origin", GOOD);
        assertThat(wrong.status()).isEqualTo(400);
        requireAllowed(wrong, GOOD);
    }

    @Test
    void nobodyIsAllowedUnlessItIsSet() {
        Api api = Stack.gateway().api();
        requireNotAllowed(api.get("/v1/contexts/customer", "Origin", GOOD));
        try (Feed feed = Stack.gateway().watch("/v1/contexts/customer/1", "Origin", GOOD)) {
            feed.awaitReady();
            assertThat(feed.headers().map().keySet()).noneMatch(name -> name.startsWith("access-control"));
        }
    }
}
