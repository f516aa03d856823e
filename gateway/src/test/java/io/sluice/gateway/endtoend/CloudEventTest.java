package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static io.sluice.gateway.endtoend.Api.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.endtoend.Api.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@EndToEnd
class CloudEventTest {

    private static final String STRUCTURED = "application/cloudevents+json";

    private final Api api = Stack.gateway().api();
    private final String id = Stack.fresh("cloud");
    private final String path = "/v1/contexts/customer/" + id;

    private Answer structured(String attributes, String... headers) {
        String event =
                "{\"specversion\":\"1.0\",\"id\":\"e1\",\"source\":\"/shop\",\"type\":\"com.example.bought\",\"subject\":\"customer/"
                        + id + "\"" + attributes + "}";
        return api.post("/v1/events", event, with(headers, "Content-Type", STRUCTURED));
    }

    private Answer binary(String body, String... headers) {
        return api.post(
                "/v1/events",
                body,
                with(
                        headers,
                        "Content-Type",
                        "application/json",
                        "ce-specversion",
                        "1.0",
                        "ce-id",
                        "e1",
                        "ce-source",
                        "/shop",
                        "ce-type",
                        "com.example.bought",
                        "ce-subject",
                        "customer/" + id));
    }

    @Test
    void aStructuredEventIsAPatchAndItsAttributesAreTheCause() {
        try (Feed feed = Stack.gateway().watch(path)) {
            feed.awaitReady();
            Answer accepted =
                    structured(",\"time\":\"2026-02-03T04:05:06Z\",\"correlationid\":\"c1\",\"causationid\":\"c0\","
                            + "\"datacontenttype\":\"application/json\",\"data\":{\"price\":1.10}");
            assertThat(accepted.status()).as(accepted.toString()).isEqualTo(202);
            assertThat(accepted.json())
                    .isEqualTo(Api.json(
                            "{\"eventId\":\"e1\",\"key\":\"customer/" + id + "\",\"watch\":\"" + path + "\"}"));
            var update = feed.await("update");
            assertThat(update.data()).contains("\"state\":{\"price\":1.10}");
            JsonNode cause = update.json().get("cause");
            assertThat(cause.get("eventId").asString()).isEqualTo("e1");
            assertThat(cause.get("writer").asString()).isEqualTo("/shop");
            assertThat(cause.get("type").asString()).isEqualTo("com.example.bought");
            assertThat(cause.get("time").asString()).isEqualTo("2026-02-03T04:05:06Z");
            assertThat(cause.get("correlationId").asString()).isEqualTo("c1");
            assertThat(cause.get("causationId").asString()).isEqualTo("c0");
        }
    }

    @Test
    void bothModesAreTheSameEvent() {
        Answer first = structured(",\"data\":{\"a\":1}", WAIT);
        assertThat(first.status()).isEqualTo(200);
        assertThat(first.body()).isEqualTo("{\"a\":1}");
        Answer again = binary("{\"a\":1}", WAIT);
        assertThat(again.header("Sluice-Resolution")).isEqualTo("duplicate");
        Answer other = binary("{\"a\":2}", WAIT);
        assertThat(other.status()).isEqualTo(422);
        Problems.require(other, "rejected");
    }

    @Test
    void anEventCanReplaceAndDelete() {
        api.put(path, "{\"old\":1}", WAIT);
        Answer replaced = structured(",\"change\":\"replace\",\"data\":{\"new\":1}", WAIT);
        assertThat(replaced.body()).isEqualTo("{\"new\":1}");
        Answer deleted = binary("", with(WAIT, "ce-change", "delete", "ce-id", "e2"));
        assertThat(deleted.status()).as(deleted.toString()).isEqualTo(204);
        assertThat(api.get(path).status()).isEqualTo(410);
    }

    @Test
    void dataMayComeAsBase64() {
        assertThat(structured(",\"data_base64\":\"eyJhIjoxfQ==\"", WAIT).body()).isEqualTo("{\"a\":1}");
    }

    @Test
    void anIdWithASlashAndAHeaderInPercentsAreTakenAsTheyAre() {
        String odd = Stack.fresh("slash") + "/é";
        Answer answer = api.post(
                "/v1/events",
                "{\"a\":1}",
                with(
                        WAIT,
                        "Content-Type",
                        "application/json; charset=utf-8",
                        "ce-specversion",
                        "1.0",
                        "ce-id",
                        "1",
                        "ce-source",
                        "s",
                        "ce-type",
                        "t",
                        "ce-subject",
                        "customer/" + odd.replace("é", "%C3%A9")));
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        assertThat(api.get("/v1/contexts/customer/" + odd.replace("/", "%2F").replace("é", "%C3%A9"))
                        .body())
                .isEqualTo("{\"a\":1}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"specversion", "id", "source", "type", "subject"})
    void aMissingAttributeIsNamed(String name) {
        String event =
                "{\"specversion\":\"1.0\",\"id\":\"e1\",\"source\":\"/shop\",\"type\":\"t\",\"subject\":\"customer/"
                        + id + "\",\"data\":{}}";
        String without = event.replaceFirst("\"" + name + "\":\"[^\"]*\",", "");
        Answer answer = api.post("/v1/events", without, "Content-Type", STRUCTURED);
        assertThat(answer.status()).isEqualTo(400);
        Problems.require(answer, "malformed");
        assertThat(answer.json().get("detail").asString()).contains(name);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "customer|400|malformed",
                "/x|400|malformed",
                "customer/|400|malformed",
                "nothing/1|404|unknown-type",
                "customer/..|400|malformed",
                "customer/a\\u0000b|400|malformed",
            })
    void aSubjectThatNamesNoContextIsRefused(String subject, int status, String code) {
        Answer answer = api.post(
                "/v1/events",
                "{\"specversion\":\"1.0\",\"id\":\"e1\",\"source\":\"/shop\",\"type\":\"t\",\"subject\":\"" + subject
                        + "\",\"data\":{}}",
                "Content-Type",
                STRUCTURED);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
        Problems.require(answer, code);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ",\"datacontenttype\":\"text/plain\",\"data\":\"x\"",
                ",\"data\":[1]",
                ",\"data\":\"text\"",
                ",\"data\":null",
                "",
                ",\"data_base64\":\"***\"",
                ",\"change\":\"merge\",\"data\":{}",
                ",\"time\":\"now\",\"data\":{}",
                ",\"vectorclock\":\"A\",\"data\":{}",
                ",\"vectorclock\":\"a=0\",\"data\":{}",
                ",\"baseversion\":\"x\",\"data\":{}",
                ",\"vectorclock\":\"a=3\",\"baseversion\":\"41\",\"data\":{}",
                ",\"extension\":{},\"data\":{}",
                ",\"id\":\"twice\",\"data\":{}"
            })
    void anEventThatCannotBeReadIsMalformed(String attributes) {
        Answer answer = structured(attributes);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
        Problems.require(answer, "malformed");
    }

    @Test
    void anotherVersionOfTheSpecificationIsRefused() {
        Answer answer = api.post(
                "/v1/events",
                "{\"specversion\":\"0.3\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"subject\":\"customer/1\"}",
                "Content-Type",
                STRUCTURED);
        assertThat(answer.status()).isEqualTo(400);
        Problems.require(answer, "malformed");
    }

    @Test
    void whatIsNoCloudEventIsAnUnsupportedMediaType() {
        Answer answer = api.post("/v1/events", "{}", "Content-Type", "application/json");
        assertThat(answer.status()).isEqualTo(415);
        Problems.require(answer, "unsupported-media-type");
        assertThat(answer.header("Accept-Post")).contains(STRUCTURED);
    }
}
