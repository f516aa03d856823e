package io.sluice.backpressure;

import static io.sluice.backpressure.Fixtures.CUSTOMER;
import static io.sluice.backpressure.Fixtures.bytes;
import static io.sluice.backpressure.Fixtures.headers;
import static io.sluice.backpressure.Fixtures.object;
import static io.sluice.backpressure.Fixtures.position;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.resolver.Causality;
import io.sluice.resolver.Cause;
import io.sluice.resolver.Change;
import io.sluice.resolver.Condition;
import io.sluice.resolver.Conflict;
import io.sluice.resolver.ContextEvent;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Document;
import io.sluice.resolver.Identity;
import io.sluice.resolver.Json;
import io.sluice.resolver.LogPosition;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.Resolution;
import io.sluice.resolver.Revision;
import io.sluice.resolver.VersionVector;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class UpdateCodecTest {

    private static final ContextKey KEY = new ContextKey("acme", "customer", "a/b ä😀");
    private static final Instant ANNOUNCED = Instant.parse("2026-02-01T00:00:00Z");
    private static final Cause CAUSE = new Cause(
            new Identity("crm", "17"),
            "com.crm.moved",
            Instant.parse("2026-01-31T12:00:00.123456Z"),
            "c",
            "d",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "2");
    private static final ContextState STATE = new ContextState(
            KEY,
            new Revision(2, 41),
            Document.of(object("{\"a\":1.10,\"b\":null}")),
            VersionVector.EMPTY.with("crm", 3).with("*sluice.customer-events.0", 8),
            CAUSE,
            position(7));

    private static Outcome outcome(Resolution resolution, ContextState after, String waiter) {
        ContextEvent event = new ContextEvent(KEY, CAUSE, Causality.UNSTATED, Condition.NONE, Change.DELETE);
        return new Outcome(position(7), event, resolution, after, waiter);
    }

    private static LogRecord announced(OutRecord written) {
        LogPosition place =
                new LogPosition(written.topic(), Objects.requireNonNull(written.partition()), 99, ANNOUNCED);
        return new LogRecord(place, written.key(), written.value(), written.headers());
    }

    private static Announced roundTrip(Outcome outcome) {
        OutRecord written = UpdateCodec.write(outcome, CUSTOMER);
        assertThat(written.topic()).isEqualTo("customer-updates");
        assertThat(written.partition()).isEqualTo(0);
        return Objects.requireNonNull(UpdateCodec.read(announced(written), CUSTOMER));
    }

    @Test
    void anUpdateIsReadBackEqual() {
        Announced read = roundTrip(outcome(new Resolution.Applied(STATE, object("{\"a\":1.10}")), STATE, null));

        assertThat(Objects.requireNonNull(read.update()).state()).isEqualTo(STATE);
        assertThat(read.update().delta()).isEqualTo(object("{\"a\":1.10}"));
        assertThat(read.update().conflicts()).isEmpty();
        assertThat(read.state()).isEqualTo(STATE);
        assertThat(read.source()).isEqualTo(new LogPosition("customer-events", 0, 7, ANNOUNCED));
        assertThat(read.told()).isNull();
    }

    @Test
    void whatWasBeforeIsReadBackEqual() {
        for (String replaced : List.of("null", "{}", "{\"a\":null,\"z\":{\"y\":1}}")) {
            JsonNode patch = Json.TRUSTED.value(bytes(replaced));
            ContextUpdate read = Objects.requireNonNull(
                    roundTrip(outcome(new Resolution.Applied(STATE, null, List.of(), patch), STATE, null))
                            .update());
            assertThat(read.replaced()).isEqualTo(patch);
            assertThat(read.knowsBefore()).isTrue();
            assertThat(UpdateJson.update(read).has("replaced")).isFalse();
        }
        ContextUpdate unknown = roundTrip(outcome(new Resolution.Applied(STATE, null), STATE, null))
                .update();
        assertThat(Objects.requireNonNull(unknown).knowsBefore()).isFalse();
        assertThat(unknown.before()).isNull();
    }

    @Test
    void aConflictIsReadBackEqual() {
        List<Conflict> conflicts = List.of(new Conflict(
                "/a~1b",
                "priority",
                new Conflict.Candidate(CAUSE.identity(), object("{\"x\":1}"), CAUSE.time()),
                List.of(new Conflict.Candidate(new Identity("w", "1"), object("{}"), Fixtures.START))));
        Announced read = roundTrip(outcome(new Resolution.Merged(STATE, null, conflicts), STATE, "node-1"));

        assertThat(Objects.requireNonNull(read.update()).conflicts()).isEqualTo(conflicts);
        assertThat(read.update().delta()).isNull();
        assertThat(read.told()).isEqualTo(new Announced.Told("node-1", "merged", null, null));
    }

    @Test
    void aDeletionIsReadBackEqualAndHasAValue() {
        ContextState deleted = new ContextState(KEY, new Revision(1, 2), null, STATE.clock(), CAUSE, position(7));
        Outcome outcome = outcome(new Resolution.Applied(deleted, null, List.of(), object("{\"a\":1}")), deleted, null);
        OutRecord written = UpdateCodec.write(outcome, CUSTOMER);

        assertThat(object(Fixtures.text(written.value())).get("deleted").asBoolean())
                .isTrue();
        assertThat(written.headers().text("ce_type")).isEqualTo("io.sluice.deleted");
        assertThat(Objects.requireNonNull(roundTrip(outcome).update()).state()).isEqualTo(deleted);
        assertThat(roundTrip(outcome).update().before()).isEqualTo(Document.of(object("{\"a\":1}")));
    }

    @Test
    void whoWaitsIsToldOfWhatChangedNothing() {
        Announced unchanged = roundTrip(outcome(new Resolution.Unchanged(), STATE, "node-1"));
        assertThat(unchanged.isVisible()).isFalse();
        assertThat(unchanged.update()).isNull();
        assertThat(unchanged.told()).isEqualTo(new Announced.Told("node-1", "unchanged", null, null));
        assertThat(Objects.requireNonNull(unchanged.state()).revision()).isEqualTo(STATE.revision());
        assertThat(unchanged.state().document()).isEqualTo(STATE.document());

        Announced rejected = roundTrip(
                outcome(new Resolution.Rejected(Resolution.Reason.CONDITION_NOT_MET, "context ä"), null, "node-2"));
        assertThat(rejected.state()).isNull();
        assertThat(rejected.told())
                .isEqualTo(new Announced.Told("node-2", "rejected", "condition-not-met", "context ä"));
    }

    @Test
    void theEnvelopeIsACloudEvent() {
        OutRecord written = UpdateCodec.write(outcome(new Resolution.Applied(STATE, null), STATE, null), CUSTOMER);
        Headers headers = written.headers();

        assertThat(headers.text("ce_specversion")).isEqualTo("1.0");
        assertThat(headers.text("ce_id")).isEqualTo("customer/a/b ä😀/2/41");
        assertThat(headers.text("ce_source")).isEqualTo("/sluice");
        assertThat(headers.text("ce_subject")).isEqualTo("customer/a/b ä😀");
        assertThat(headers.text("ce_type")).isEqualTo("io.sluice.updated");
        assertThat(headers.text("sluice-tenant")).isEqualTo("acme");
        assertThat(object(Fixtures.text(written.value())))
                .isEqualTo(object(UpdateJson.update(new ContextUpdate(STATE, null, List.of()))
                        .toString()));
    }

    @Test
    void whatSomebodyElseWroteIsNoAnnouncement() {
        LogPosition place = new LogPosition("customer-updates", 0, 1, ANNOUNCED);
        assertThat(UpdateCodec.read(new LogRecord(place, bytes("1"), bytes("{}"), Headers.NONE), CUSTOMER))
                .isNull();
        assertThat(UpdateCodec.read(
                        new LogRecord(place, bytes("1"), null, headers("ce_type", "x", "sluice-source", "a-0@1")),
                        CUSTOMER))
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"version\":0}",
                "{\"version\":1}",
                "{\"version\":1,\"incarnation\":1}",
                "{\"version\":1,\"incarnation\":1,\"time\":\"x\"}",
                "{\"version\":\"x\",\"incarnation\":1,\"time\":\"2026-01-31T12:00:00Z\"}",
                "{\"version\":1,\"incarnation\":1,\"time\":\"2026-01-31T12:00:00Z\",\"cause\":{}}",
                "{\"version\":1,\"incarnation\":1,\"time\":\"2026-01-31T12:00:00Z\","
                        + "\"cause\":{\"writer\":\"w\",\"eventId\":\"1\",\"type\":\"t\",\"time\":\"x\"}}",
            })
    void whatPassesForAnAnnouncementAndCannotBeReadIsRefused(String value) {
        LogPosition place = new LogPosition("customer-updates", 0, 1, ANNOUNCED);
        LogRecord record = new LogRecord(
                place,
                bytes("1"),
                bytes(value),
                headers("ce_type", "io.sluice.updated", "sluice-source", "customer-events-0@1"));
        Announced announced = Objects.requireNonNull(UpdateCodec.read(record, CUSTOMER));
        assertThatThrownBy(() -> UpdateCodec.body(announced, new Announced.Unread(bytes(value), null)))
                .isInstanceOf(MalformedException.class);
        assertThat(announced.isVisible()).isTrue();
        assertThat(announced.state()).isNull();
        assertThat(announced.update()).isNull();
        assertThatThrownBy(() -> UpdateCodec.read(
                        new LogRecord(
                                place,
                                bytes("1"),
                                bytes("{}"),
                                headers("ce_type", "io.sluice.updated", "sluice-source", "customer-events-0@x")),
                        CUSTOMER))
                .isInstanceOf(MalformedException.class);
    }
}
