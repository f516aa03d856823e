package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.endtoend.Api.Answer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

@EndToEnd
class ReadTest {

    private final Api api = Stack.gateway().api();

    @Test
    void aReadIsTheBareDocumentWithWhatIsKnownOfIt() {
        String path = "/v1/contexts/order/" + Stack.fresh("read");
        Answer written = api.put(path, "{\"n\":1}", WAIT);
        Answer read = api.get(path);
        assertThat(read.status()).isEqualTo(200);
        assertThat(read.body()).isEqualTo("{\"n\":1}");
        assertThat(read.header("Content-Type")).isEqualTo("application/json");
        for (String name : List.of("ETag", "Sluice-Version", "Sluice-Clock", "Last-Modified")) {
            assertThat(read.header(name)).as(name).isNotBlank().isEqualTo(written.header(name));
        }
    }

    @Test
    void whoHasTheVersionAlreadyIsToldSo() {
        String path = "/v1/contexts/order/" + Stack.fresh("known");
        String etag = api.put(path, "{\"n\":1}", WAIT).etag();
        Answer same = api.get(path, "If-None-Match", etag);
        assertThat(same.status()).isEqualTo(304);
        assertThat(same.body()).isEmpty();
        assertThat(same.etag()).isEqualTo(etag);
        assertThat(api.get(path, "If-None-Match", "\"x\", " + etag).status()).isEqualTo(304);
        api.patch(path, "{\"n\":2}", WAIT);
        assertThat(api.get(path, "If-None-Match", etag).status()).isEqualTo(200);
    }

    @Test
    void whatWasNeverWrittenIsNotFoundAndWhatWasDeletedIsGone() {
        String path = "/v1/contexts/order/" + Stack.fresh("absent");
        Answer never = api.get(path);
        assertThat(never.status()).isEqualTo(404);
        Problems.require(never, "not-found");
        api.put(path, "{}", WAIT);
        Answer deleted = api.delete(path, WAIT);
        Answer gone = api.get(path);
        assertThat(gone.status()).isEqualTo(410);
        Problems.require(gone, "gone");
        assertThat(gone.etag()).isEqualTo(deleted.etag()).isNotBlank();
        assertThat(api.patch(path, "{\"back\":1}", "If-Match", gone.etag()).status())
                .isEqualTo(200);
        assertThat(api.get(path).body()).isEqualTo("{\"back\":1}");
    }

    @Test
    void aVersionThatOneGatewayHasToldCanBeReadOnAnother() {
        try (Gateway other = Stack.another("--sluice.roles=publish,feed")) {
            for (int i = 0; i < 30; i++) {
                String path = "/v1/contexts/order/" + Stack.fresh("min");
                // What the other remembers from before must not be its answer.
                assertThat(other.api().get(path).status()).isEqualTo(404);
                long version = api.put(path, "{\"n\":" + i + "}", WAIT).version();
                Answer read = other.api().get(path, "Sluice-Min-Version", String.valueOf(version));
                assertThat(read.status()).as(read.toString()).isEqualTo(200);
                assertThat(read.version()).isEqualTo(1);
            }
            String path = "/v1/contexts/order/" + Stack.fresh("too-new");
            api.put(path, "{}", WAIT);
            Answer never = other.api().get(path, "Sluice-Min-Version", "2");
            assertThat(never.status()).isEqualTo(503);
            assertThat(never.header("Retry-After")).isNotBlank();
            Problems.require(never, "unavailable");
        }
    }

    @Test
    void aTypeIsListedInTheOrderOfTheBytesOfItsIdsPageByPageWithoutTheDeleted() {
        // In UTF-16 the rocket, a pair of surrogates, would come before the full-width A.
        List<String> ids =
                List.of("B", "a", "a b", "a/b", "z", "é", "\uff21", "\ud83d\ude80", "Z;x=1", "%41", "10", "9");
        for (String id : ids) {
            assertThat(api.put(path(id), "{\"id\":\"" + id + "\"}", WAIT).status())
                    .isEqualTo(200);
        }
        api.put(path("deleted"), "{}", WAIT);
        api.delete(path("deleted"), WAIT);
        List<String> expected = ids.stream()
                .sorted((a, b) -> Arrays.compareUnsigned(bytes(a), bytes(b)))
                .map(id -> "shelf/" + id)
                .toList();

        List<String> keys = new ArrayList<>();
        String next = "";
        int pages = 0;
        do {
            JsonNode page = api.get("/v1/contexts/shelf?limit=5" + (next.isEmpty() ? "" : "&after=" + next))
                    .json();
            for (JsonNode item : page.get("items")) {
                keys.add(item.get("key").asString());
                assertThat(item.get("version").asLong()).isEqualTo(1);
                assertThat("shelf/" + item.get("state").get("id").asString())
                        .isEqualTo(item.get("key").asString());
            }
            next = page.get("next").isNull() ? "" : page.get("next").asString();
            pages++;
        } while (!next.isEmpty());
        assertThat(keys).isEqualTo(expected);
        assertThat(pages).isEqualTo(3);
        assertThat(api.get("/v1/contexts/shelf").json().get("items").size()).isEqualTo(ids.size());

        for (String bad :
                List.of("limit=0", "limit=1001", "limit=x", "limit=-1", "after=*", "limit=1&limit=2", "filter=true")) {
            Answer answer = api.get("/v1/contexts/shelf?" + bad);
            assertThat(answer.status()).as(bad).isEqualTo(400);
            Problems.require(answer, "malformed");
        }
    }

    private static String path(String id) {
        return "/v1/contexts/shelf/"
                + URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
