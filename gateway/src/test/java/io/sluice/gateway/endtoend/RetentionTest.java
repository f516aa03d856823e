package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static io.sluice.gateway.endtoend.Api.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.endtoend.Api.Answer;
import java.net.URI;
import java.net.http.WebSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What is left when slices of the journal are dropped: gateways with a type, and a database, of their own. */
@EndToEnd
class RetentionTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final String type = Stack.fresh("kept");
    private final Store store =
            new Store(Objects.requireNonNull(Stack.endpoints().postgres())).another(type);
    private final String path = "/v1/contexts/" + type + "/a";
    private final String quiet = "/v1/contexts/" + type + "/quiet";

    private Gateway start(String... more) {
        List<String> addresses = new ArrayList<>(Stack.addresses(Stack.endpoints()));
        addresses.add("--sluice.postgres.url=" + store.url());
        List<String> settings = new ArrayList<>(List.of(more));
        settings.add("--sluice.types." + type + ".partitions=1");
        return Gateway.startWithOwnTypes(addresses, settings);
    }

    private static Answer put(Gateway gateway, String path, int n, String... headers) {
        Answer answer = gateway.api().put(path, "{\"n\":" + n + "}", with(WAIT, headers));
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        return answer;
    }

    private long rows() {
        return Long.parseLong(store.read("select 'rows', count(*) from journal where topic = ?", type + "-events")
                .get("rows"));
    }

    /** What upkeep does, more than a year later. */
    private void dropEverything() {
        Awaitility.await().atMost(PATIENCE).until(() -> {
            store.execute("select * from journal_keep(now() + interval '400 days', '30 days', '300 days', '24 hours',"
                    + " '[{\"topic\":\"" + type + "-events\",\"partition\":0,\"end_offset\":0}]')");
            return rows() == 0;
        });
    }

    private static void requireDropped(Answer answer, String keptSince) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(410);
        Problems.require(answer, "no-longer-kept");
        assertThat(answer.json().get("keptSince").asString()).isEqualTo(keptSince);
        assertThat(answer.json().get("detail").asString()).contains("expected: ");
    }

    @Test
    void whatWasDroppedIsGoneOrAResetAndAllElseGoesOnAsBefore() {
        String cursor;
        Instant early;
        try (Gateway gateway = start()) {
            put(gateway, path, 1);
            put(gateway, quiet, 1);
            early = Instant.now();
            try (Feed feed = gateway.watch(path)) {
                feed.awaitReady();
                cursor = feed.lastId();
            }
            put(gateway, path, 2);
            put(gateway, path, 3);
            dropEverything();
            put(gateway, path, 4, "Idempotency-Key", "e4");
        }
        try (Gateway gateway = start()) {
            Api api = gateway.api();
            assertThat(put(gateway, path, 4, "Idempotency-Key", "e4").header("Sluice-Resolution"))
                    .isEqualTo("duplicate");
            assertThat(api.get(path).body()).isEqualTo("{\"n\":4}");
            assertThat(api.get(quiet).body()).isEqualTo("{\"n\":1}");

            JsonNode history = api.get(path + "/history").json();
            assertThat(history.get("items")).hasSize(2);
            assertThat(history.get("next").isNull()).isTrue();
            assertThat(Instant.parse(history.get("keptSince").asString())).isAfter(early);
            String kept = history.get("items").get(1).get("logTime").asString();

            requireDropped(api.get(path + "?version=1"), kept);
            requireDropped(api.get(path + "?version=3"), kept);
            requireDropped(api.get(path + "?at=" + early), kept);
            assertThat(api.get(path + "?version=4").body()).isEqualTo("{\"n\":4}");
            assertThat(api.get(path + "?version=5").status()).isEqualTo(404);
            assertThat(api.get(path + "?at=" + kept).body()).isEqualTo("{\"n\":4}");
            assertThat(api.get(path + "?at=" + early.minusSeconds(3600)).status())
                    .isEqualTo(410);

            assertThat(api.get(quiet + "?version=1").body()).isEqualTo("{\"n\":1}");
            assertThat(api.get(quiet + "?at=" + early).body()).isEqualTo("{\"n\":1}");
            JsonNode none = api.get(quiet + "/history").json();
            assertThat(none.get("items")).isEmpty();
            assertThat(none.has("keptSince")).isTrue();
            assertThat(api.get("/v1/contexts/" + type + "/never/history").status())
                    .isEqualTo(404);

            requireDropped(cut(api, early), kept);
            Answer cut = cut(api, Instant.parse(kept));
            assertThat(cut.json().get("items")).as(cut.toString()).hasSize(2);

            String channel = "\"channel\":\"" + type + ":a\"";
            String history2 =
                    "{\"id\":2,\"history\":{" + channel + ",\"limit\":9,\"since\":{\"epoch\":\"1\",\"offset\":%d}}}";
            assertThat(ask(gateway, history2.formatted(1)).at("/error/code").asInt())
                    .isEqualTo(112);
            assertThat(ask(gateway, history2.formatted(3))
                            .at("/history/publications/0/offset")
                            .asLong())
                    .isEqualTo(4);
            JsonNode recovery = ask(
                    gateway,
                    "{\"id\":2,\"subscribe\":{" + channel + ",\"recover\":true,\"epoch\":\"1\",\"offset\":1}}");
            assertThat(recovery.at("/subscribe/recovered").asBoolean(false))
                    .as(recovery.toString())
                    .isFalse();
            assertThat(recovery.at("/subscribe/publications/0/offset").asLong()).isEqualTo(4);

            for (String[] resumed : new String[][] {
                {path, "Last-Event-ID", cursor},
                {path + "?since=" + early},
                {"/v1/contexts/" + type + "?since=" + early}
            }) {
                String[] headers = java.util.Arrays.copyOfRange(resumed, 1, resumed.length);
                try (Feed feed = gateway.watch(resumed[0], headers)) {
                    feed.awaitReady();
                    assertThat(feed.names()).startsWith("reset", "snapshot").endsWith("ready");
                    assertThat(feed.events("reset")
                                    .getFirst()
                                    .json()
                                    .get("reason")
                                    .asString())
                            .isEqualTo("cursor-expired");
                    assertThat(feed.versions(type + "/a")).containsExactly(4L);
                }
            }
            try (Feed feed = gateway.watch(path + "?since=" + kept)) {
                assertThat(feed.awaitReady().json().get("resumed").asBoolean()).isTrue();
                put(gateway, path, 5);
                feed.awaitVersion(type + "/a", 5);
                assertThat(feed.versions(type + "/a")).containsExactly(5L);
            }
            put(gateway, quiet, 2);
            assertThat(api.get(quiet).version()).isEqualTo(2);
        }
    }

    /** What a socket answers to a second command, after its connect. */
    private static JsonNode ask(Gateway gateway, String second) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        StringBuffer said = new StringBuffer();
        WebSocket socket = Api.await(Api.CLIENT
                .newWebSocketBuilder()
                .buildAsync(
                        URI.create(gateway.base().toString().replace("http", "ws") + "/connection/websocket"),
                        new WebSocket.Listener() {
                            @Override
                            public @Nullable CompletionStage<?> onText(
                                    WebSocket from, CharSequence data, boolean last) {
                                said.append(data).append(last ? "\n" : "");
                                if (last) {
                                    said.toString()
                                            .lines()
                                            .filter(line -> line.contains("\"id\":2"))
                                            .findFirst()
                                            .ifPresent(answer::complete);
                                }
                                from.request(1);
                                return null;
                            }
                        }));
        try {
            Api.await(socket.sendText("{\"id\":1,\"connect\":{}}\n" + second, true));
            return Api.json(Api.await(answer));
        } finally {
            socket.abort();
        }
    }

    private Answer cut(Api api, Instant at) {
        return api.post(
                "/v1/queries/at",
                "{\"at\":\"" + at + "\",\"keys\":[\"" + type + "/a\",\"" + type + "/quiet\"]}",
                "Content-Type",
                "application/json");
    }

    @Test
    void nodesMakeSlicesAndDropThemByThemselves() {
        try (Gateway gateway = start("--sluice.journal.slice=1h")) {
            Awaitility.await()
                    .atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(gateway.meter("sluice_journal_slices")).isGreaterThanOrEqualTo(2));
            put(gateway, path, 1);
            put(gateway, path, 2);
        }
        age();
        assertThat(rows()).isEqualTo(2);
        String[] retention = {"--sluice.journal.slice=1h", "--sluice.journal.retention=25h"};
        try (Gateway gateway = start(retention);
                Gateway other = start(retention)) {
            Awaitility.await().atMost(PATIENCE).until(() -> rows() == 0);
            for (Gateway one : List.of(gateway, other)) {
                assertThat(one.api().get(path).body()).isEqualTo("{\"n\":2}");
                assertThat(one.api().get(path + "?version=1").status()).isEqualTo(410);
            }
            assertThat(put(gateway, path, 3).version()).isEqualTo(3);
            assertThat(rows()).isEqualTo(1);
            assertThat(store.read("select name, since from journal_slices where since > now() and '' = ?", ""))
                    .hasSizeGreaterThanOrEqualTo(1);
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> gateway.meter("sluice_journal_overdue") + other.meter("sluice_journal_overdue") == 0);
        }
    }

    /** As if it had all been 40 days ago: then slices of a day, and nobody there to make any since. */
    private void age() {
        store.execute("""
                do $$
                declare
                  slice text;
                begin
                  update journal set log_time = log_time - interval '40 days';
                  update states set log_time = log_time - interval '40 days';
                  update progress set log_time = log_time - interval '40 days';
                  for slice in select name from journal_slices loop
                    execute format('alter table journal detach partition %I', slice);
                    if slice not in ('journal_before', 'journal_after') then
                      execute format('drop table %I', slice);
                    end if;
                  end loop;
                  execute format('alter table journal attach partition journal_before for values from (minvalue) to (%L)',
                    now() - interval '35 days');
                  execute format('alter table journal attach partition journal_after for values from (%L) to (maxvalue)',
                    now() - interval '35 days');
                end $$""");
        store.execute("select * from journal_keep(now() - interval '34 days', '1 day', null, '24 hours', '[]')");
    }
}
