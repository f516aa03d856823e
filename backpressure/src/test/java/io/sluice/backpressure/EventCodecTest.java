package io.sluice.backpressure;

import static io.sluice.backpressure.Fixtures.CODEC;
import static io.sluice.backpressure.Fixtures.CUSTOMER;
import static io.sluice.backpressure.Fixtures.bytes;
import static io.sluice.backpressure.Fixtures.headers;
import static io.sluice.backpressure.Fixtures.object;
import static io.sluice.backpressure.Fixtures.position;
import static io.sluice.backpressure.Fixtures.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.resolver.Causality;
import io.sluice.resolver.Cause;
import io.sluice.resolver.Change;
import io.sluice.resolver.Condition;
import io.sluice.resolver.ContextEvent;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.Identity;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Revision;
import io.sluice.resolver.VersionVector;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventCodecTest {

    private static final String STRUCTURED = "application/cloudevents+json; charset=utf-8";

    private static ContextEvent read(LogRecord record) {
        return CODEC.read(record, CUSTOMER);
    }

    private static void assertRefused(LogRecord record, String code) {
        assertThatThrownBy(() -> read(record)).isInstanceOfSatisfying(MalformedException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.getMessage()).contains("expected").hasSizeLessThan(500);
        });
    }

    private static Headers ce(String... more) {
        return headers(Stream.concat(
                        Stream.of(
                                "ce_specversion",
                                "1.0",
                                "ce_id",
                                "17",
                                "ce_source",
                                "/crm",
                                "ce_type",
                                "com.crm.moved"),
                        Stream.of(more))
                .toArray(String[]::new));
    }

    private static LogRecord structured(String json) {
        return record(5, "1", json, headers("content-type", STRUCTURED));
    }

    private static String structuredJson(String more) {
        return "{\"specversion\":\"1.0\",\"id\":\"17\",\"source\":\"/crm\",\"type\":\"com.crm.moved\"" + more + "}";
    }

    @Test
    void aPlainRecordNeedsNothingButKeyAndValue() {
        ContextEvent event = read(record(5, "anna", "{\"plan\":\"gold\",\"old\":null}", Headers.NONE));

        assertThat(event.key()).isEqualTo(new ContextKey("default", "customer", "anna"));
        assertThat(event.identity()).isEqualTo(new Identity("kafka", "customer-events/0/5"));
        assertThat(event.cause().eventType()).isEqualTo("io.sluice.customer.changed");
        assertThat(event.cause().time()).isEqualTo(position(5).time());
        assertThat(event.change()).isEqualTo(new Change.Patch(object("{\"plan\":\"gold\",\"old\":null}")));
        assertThat(event.causality()).isEqualTo(Causality.UNSTATED);
        assertThat(event.condition()).isEqualTo(Condition.NONE);
    }

    @Test
    void aPlainRecordWithoutAValueIsADeletion() {
        assertThat(read(record(5, "anna", null, Headers.NONE)).change()).isEqualTo(Change.DELETE);
    }

    @Test
    void aPlainRecordSaysTheRestInItsHeaders() {
        ContextEvent event = read(record(
                5,
                "anna",
                "{\"a\":1}",
                headers(
                        "Sluice-Writer", "crm",
                        "sluice-event-id", "overwritten",
                        "sluice-event-id", "17",
                        "sluice-clock", "crm=3, web=1",
                        "sluice-change", "replace",
                        "sluice-event-type", "moved",
                        "sluice-event-time", "2026-01-31T14:00:00.1234567+02:00",
                        "sluice-correlation-id", "c",
                        "sluice-causation-id", "d",
                        "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                        "sluice-schema-version", "2",
                        "sluice-tenant", "acme")));

        assertThat(event.key().tenant()).isEqualTo("acme");
        assertThat(event.cause())
                .isEqualTo(new Cause(
                        new Identity("crm", "17"),
                        "moved",
                        Instant.parse("2026-01-31T12:00:00.123456Z"),
                        "c",
                        "d",
                        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                        "2"));
        assertThat(event.causality())
                .isEqualTo(
                        new Causality.Clock(VersionVector.EMPTY.with("crm", 3).with("web", 1)));
        assertThat(event.change()).isEqualTo(new Change.Replace(object("{\"a\":1}")));
    }

    @Test
    void aClockedRecordWithoutAnEventIdIsItsDot() {
        assertThat(read(record(5, "1", "{}", headers("sluice-writer", "crm", "sluice-clock", "crm=3, web=9")))
                        .identity())
                .isEqualTo(new Identity("crm", "crm:3"));
    }

    @Test
    void aClockWithoutItsWriterHasNoDotAndIsLeftToTheResolver() {
        for (String clock : List.of("web=9", "*sluice.customer-events.0=7")) {
            ContextEvent event = read(record(5, "1", "{}", headers("sluice-writer", "crm", "sluice-clock", clock)));
            assertThat(event.identity().writer()).isEqualTo("crm");
            assertThat(event.identity().eventId()).startsWith("customer-events/");
        }
    }

    @Test
    void aBaseVersionIsCausalityAndNoCondition() {
        ContextEvent event = read(record(5, "1", "{}", headers("sluice-base-version", " 41 ")));

        assertThat(event.causality()).isEqualTo(new Causality.BaseVersion(41));
        assertThat(event.condition()).isEqualTo(Condition.NONE);
    }

    @Test
    void aBinaryCloudEventIsRead() {
        ContextEvent event = read(record(
                5,
                "anna",
                "{\"a\":1}",
                ce(
                        "ce_subject", "customer/anna",
                        "ce_time", "2026-01-31T12:00:00Z",
                        "CE_VectorClock", "/crm=3".replace("/crm", "*2fcrm"),
                        "ce_correlationid", "c",
                        "ce_change", "replace",
                        "content-type", "application/json; charset=utf-8")));

        assertThat(event.identity()).isEqualTo(new Identity("/crm", "17"));
        assertThat(event.cause().eventType()).isEqualTo("com.crm.moved");
        assertThat(event.cause().correlationId()).isEqualTo("c");
        assertThat(event.causality()).isEqualTo(new Causality.Clock(VersionVector.EMPTY.with("/crm", 3)));
        assertThat(event.change()).isEqualTo(new Change.Replace(object("{\"a\":1}")));
    }

    @Test
    void aStructuredCloudEventIsRead() {
        ContextEvent event = read(structured(
                structuredJson(",\"subject\":\"1\",\"datacontenttype\":\"application/json\",\"data\":{\"a\":1.10}")));

        assertThat(event.identity()).isEqualTo(new Identity("/crm", "17"));
        assertThat(event.cause().time()).isEqualTo(position(5).time());
        assertThat(event.change()).isEqualTo(new Change.Patch(object("{\"a\":1.10}")));
        assertThat(read(structured(structuredJson(",\"data_base64\":\"eyJhIjoxfQ==\"")))
                        .change())
                .isEqualTo(new Change.Patch(object("{\"a\":1}")));
        assertThat(read(structured(structuredJson(",\"change\":\"delete\""))).change())
                .isEqualTo(Change.DELETE);
    }

    @Test
    void theSubjectIsTheKeyWhereTheRecordHasNone() {
        for (String subject : List.of("anna", "customer/anna")) {
            assertThat(read(record(5, null, "{}", ce("ce_subject", subject)))
                            .key()
                            .id())
                    .isEqualTo("anna");
        }
        assertThat(read(record(5, "a/b", "{}", ce("ce_subject", "customer/a/b")))
                        .key()
                        .id())
                .isEqualTo("a/b");
        assertRefused(record(5, null, "{}", ce()), "malformed-key");
    }

    @Test
    void aKeyAndASubjectThatDisagreeAreRefused() {
        assertRefused(record(5, "anna", "{}", ce("ce_subject", "customer/bert")), "key-mismatch");
        assertRefused(record(5, "anna", "{}", ce("ce_subject", "order/anna")), "key-mismatch");
    }

    static Stream<Arguments> malformedPlain() {
        return Stream.of(
                Arguments.of("", Headers.NONE, "malformed-json"),
                Arguments.of("[]", Headers.NONE, "malformed-json"),
                Arguments.of("null", Headers.NONE, "malformed-json"),
                Arguments.of("\"{}\"", Headers.NONE, "malformed-json"),
                Arguments.of("{\"a\":1,\"a\":2}", Headers.NONE, "malformed-json"),
                Arguments.of("{} {}", Headers.NONE, "malformed-json"),
                Arguments.of("{\"a\":\"\\ud83d\"}", Headers.NONE, "malformed-json"),
                Arguments.of("{\"a\":".repeat(65) + "1" + "}".repeat(65), Headers.NONE, "malformed-json"),
                Arguments.of("{}", headers("sluice-change", "merge"), "malformed-change"),
                Arguments.of("{}", headers("sluice-clock", "A=1"), "malformed-clock"),
                Arguments.of("{}", headers("sluice-clock", ""), "malformed-clock"),
                Arguments.of("{}", headers("sluice-clock", "crm=0"), "malformed-clock"),
                Arguments.of("{}", headers("sluice-clock", "crm=0, web=9"), "malformed-clock"),
                Arguments.of("{}", headers("sluice-change", "ops"), "malformed-operation"),
                Arguments.of("[{\"path\":\"visits\",\"add\":1}]", headers("sluice-change", "ops"), "malformed-path"),
                Arguments.of(
                        "[{\"path\":\"/visits\",\"add\":\"1\"}]",
                        headers("sluice-change", "ops"),
                        "malformed-operation"),
                Arguments.of("{}", headers("sluice-base-version", "x"), "malformed-base-version"),
                Arguments.of("{}", headers("sluice-clock", "a=3", "sluice-base-version", "41"), "malformed-causality"),
                Arguments.of("{}", headers("sluice-base-version", "0"), "malformed-base-version"),
                Arguments.of("{}", headers("sluice-event-time", "yesterday"), "malformed-time"),
                Arguments.of("{}", headers("sluice-event-time", "2026-01-31T12:00:00"), "malformed-time"),
                Arguments.of("{}", headers("sluice-event-time", "+12026-01-31T12:00:00Z"), "malformed-time"),
                Arguments.of("{}", headers("sluice-event-time", "-0001-01-31T12:00:00Z"), "malformed-time"),
                Arguments.of("{}", headers("sluice-writer", ""), "malformed-identity"),
                Arguments.of("{}", headers("sluice-writer", "*sluice.customer-events.0"), "reserved-writer"),
                Arguments.of("{}", headers("sluice-event-id", ""), "malformed-identity"),
                Arguments.of("{}", headers("sluice-event-id", "a\u0000"), "malformed-identity"),
                Arguments.of("{}", headers("sluice-event-id", "x".repeat(257)), "malformed-identity"),
                Arguments.of("{}", headers("sluice-tenant", "a b"), "malformed-key"),
                Arguments.of("{}", headers("sluice-if-match", "1"), "malformed-revision"),
                Arguments.of("{}", headers("sluice-if-match", "1-1,"), "malformed-revision"),
                Arguments.of(
                        "{}",
                        new Headers(List.of(new Headers.Header("sluice-writer", new byte[] {-1}))),
                        "malformed-header"));
    }

    @ParameterizedTest
    @MethodSource("malformedPlain")
    void aMalformedPlainRecordIsRefusedWithItsCode(String value, Headers headers, String code) {
        assertRefused(record(5, "1", value, headers), code);
    }

    /** PostgreSQL takes no text with a NUL: one that got that far would come back for ever. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "sluice-event-type",
                "sluice-correlation-id",
                "sluice-causation-id",
                "traceparent",
                "sluice-wait",
            })
    void aHeaderThatTheStoreCannotKeepIsRefused(String name) {
        assertRefused(record(5, "1", "{}", headers(name, "a\u0000b")), "malformed-header");
        assertRefused(
                record(5, "1", "{}", new Headers(List.of(new Headers.Header(name, new byte[] {-1})))),
                "malformed-header");
    }

    static Stream<Arguments> malformedKeys() {
        return Stream.of(
                Arguments.of((Object) null),
                Arguments.of((Object) new byte[0]),
                Arguments.of((Object) bytes(".")),
                Arguments.of((Object) bytes("a\u0000")),
                Arguments.of((Object) bytes("x".repeat(257))),
                Arguments.of((Object) new byte[] {(byte) 0xc3}));
    }

    @ParameterizedTest
    @MethodSource("malformedKeys")
    void aRecordWithoutAUsableKeyIsRefused(byte[] key) {
        assertRefused(new LogRecord(position(5), key, bytes("{}"), Headers.NONE), "malformed-key");
    }

    static Stream<Arguments> malformedBinary() {
        return Stream.of(
                Arguments.of("{}", ce("ce_specversion", "0.3"), "malformed-cloudevent"),
                Arguments.of("{}", ce("ce_id", ""), "malformed-cloudevent"),
                Arguments.of("{}", headers("ce_specversion", "1.0"), "malformed-cloudevent"),
                Arguments.of(
                        "{}",
                        headers("ce_specversion", "1.0", "ce_id", "1", "ce_source", "/a"),
                        "malformed-cloudevent"),
                Arguments.of("{}", ce("content-type", "text/plain"), "malformed-cloudevent"),
                Arguments.of("{}", ce("content-type", "application/cloudevents-batch+json"), "malformed-cloudevent"),
                Arguments.of("{", ce(), "malformed-json"),
                Arguments.of("1", ce(), "malformed-json"),
                Arguments.of(null, ce(), "malformed-json"),
                Arguments.of("", ce(), "malformed-json"),
                Arguments.of("{}", ce("ce_time", "x"), "malformed-time"),
                Arguments.of("{}", ce("ce_change", "x"), "malformed-change"),
                Arguments.of("{}", ce("ce_vectorclock", "x"), "malformed-clock"),
                Arguments.of("{}", ce("ce_vectorclock", "crm=0"), "malformed-clock"),
                Arguments.of("{}", ce("ce_vectorclock", ""), "malformed-clock"),
                Arguments.of("{}", ce("ce_baseversion", "x"), "malformed-base-version"),
                Arguments.of("{}", ce("ce_vectorclock", "a=3", "ce_baseversion", "41"), "malformed-causality"),
                Arguments.of("{}", ce("ce_source", "*sluice.a"), "reserved-writer"),
                Arguments.of("{}", ce("ce_subject", "customer/."), "key-mismatch"),
                Arguments.of("{}", ce("ce_correlationid", "\u0000"), "malformed-header"),
                Arguments.of("{}", ce("ce_type", "a\u0000"), "malformed-header"),
                Arguments.of(
                        "{}",
                        new Headers(Stream.concat(
                                        ce().all().stream(), Stream.of(new Headers.Header("ce_x", new byte[] {-1})))
                                .toList()),
                        "malformed-header"));
    }

    @ParameterizedTest
    @MethodSource("malformedBinary")
    void aMalformedBinaryCloudEventIsRefusedWithItsCode(String value, Headers headers, String code) {
        assertRefused(record(5, "1", value, headers), code);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"specversion\":\"1.0\"}",
                "{\"specversion\":\"1.0\",\"id\":\"\",\"source\":\"/a\",\"type\":\"t\"}",
                "{\"specversion\":1.0,\"id\":{},\"source\":\"/a\",\"type\":\"t\"}",
                "{\"specversion\":\"1.0\",\"id\":[1],\"source\":\"/a\",\"type\":\"t\"}",
            })
    void aStructuredCloudEventThatLacksSomethingIsRefused(String json) {
        assertRefused(structured(json), "malformed-cloudevent");
    }

    @Test
    void aStructuredCloudEventWithOtherDataIsRefused() {
        assertRefused(
                structured(structuredJson(",\"datacontenttype\":\"text/xml\",\"data\":\"<a/>\"")),
                "malformed-cloudevent");
        assertRefused(structured(structuredJson(",\"data_base64\":\"%%\"")), "malformed-cloudevent");
        assertRefused(structured(structuredJson(",\"data_base64\":\"e30=\",\"id\":\"18\"")), "malformed-json");
        assertRefused(structured(structuredJson(",\"data\":[]")), "malformed-json");
        assertRefused(structured(structuredJson("")), "malformed-json");
        assertRefused(structured("[]"), "malformed-json");
        assertRefused(structured(null), "malformed-cloudevent");
        assertRefused(
                record(5, "1", "[]", headers("content-type", "application/cloudevents-batch+json")),
                "malformed-cloudevent");
        assertRefused(structured(structuredJson(",\"data\":{},\"correlationid\":\"a\\u0000\"")), "malformed-header");
    }

    @Test
    void aRecordInTheWrongPartitionIsRefused() {
        ContextType two = Fixtures.type("customer", 2);
        int right = two.partitionOf("anna").number();
        assertThat(CODEC.read(Fixtures.record(two.partitionOf("anna"), 1, "anna", "{}"), two)
                        .key()
                        .id())
                .isEqualTo("anna");

        LogRecord wrong = Fixtures.record(new io.sluice.resolver.Partition(two.topic(), 1 - right), 1, "anna", "{}");
        assertThatThrownBy(() -> CODEC.read(wrong, two)).isInstanceOfSatisfying(WrongPartitionException.class, e -> {
            assertThat(e.code()).isEqualTo("wrong-partition");
            assertThat(e.right()).isEqualTo(two.partitionOf("anna"));
        });
    }

    private static final ContextType TWO = Fixtures.type("customer", 2);

    static Stream<LogRecord> recordsOfAllKinds() {
        String id = Stream.iterate(0, i -> i + 1)
                .map(i -> "k" + i)
                .filter(k -> TWO.partitionOf(k).number() == 1)
                .findFirst()
                .orElseThrow();
        return Stream.of(
                record(5, id, "{\"a\":1}", Headers.NONE),
                record(5, id, null, headers("sluice-writer", "w", "x", "y", "x", "z")),
                record(5, id, "{}", headers("sluice-event-id", "e", "sluice-event-time", "2026-01-31T14:00:00Z")),
                record(5, id, "{}", headers("sluice-writer", "w", "sluice-clock", "w=3")),
                record(5, id, "{}", ce("content-type", "application/json")),
                record(5, null, "{}", ce("content-type", "application/json", "ce_subject", "customer/" + id)),
                record(5, id, structuredJson(",\"data\":{}"), headers("content-type", STRUCTURED)));
    }

    @ParameterizedTest
    @MethodSource("recordsOfAllKinds")
    void aRecordThatIsMovedIsTheSameEventAsItWouldHaveBeen(LogRecord wrong) {
        assertThatThrownBy(() -> CODEC.read(wrong, TWO)).isInstanceOf(WrongPartitionException.class);
        OutRecord moved = Moves.to(TWO.allPartitions().getLast(), wrong);

        assertThat(moved.key()).isSameAs(wrong.key());
        assertThat(moved.value()).isSameAs(wrong.value());
        int count = wrong.headers().all().size();
        assertThat(moved.headers().all().subList(0, count))
                .isEqualTo(wrong.headers().all());
        LogRecord there = new LogRecord(
                position(new Partition(moved.topic(), 1), 900), moved.key(), moved.value(), moved.headers());
        assertThat(CODEC.read(there, TWO)).isEqualTo(CODEC.read(wrong, CUSTOMER));
    }

    @Test
    void whereARecordWasFirstHasToBeReadable() {
        assertRefused(record(5, "1", "{}", headers("sluice-moved-time", "now")), "malformed-time");
        assertRefused(record(5, "1", "{}", headers("sluice-moved-from", "")), "malformed-identity");
    }

    static Stream<ContextEvent> events() {
        ContextKey key = new ContextKey("acme", "customer", "a/b ä😀");
        Cause full = new Cause(
                new Identity("https://crm.example/ä", "id 17"),
                "com.crm.moved",
                Instant.parse("2026-01-31T12:00:00.123456Z"),
                "c",
                "d",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "https://schemas.example/customer/2");
        Cause bare = Fixtures.cause("1");
        Change patch = new Change.Patch(object("{\"a\":1.10,\"b\":null,\"c\":[null,{\"d\":\"\\u0000\"}]}"));
        Causality clock = new Causality.Clock(
                VersionVector.EMPTY.with("https://crm.example/ä", 3).with("w", 1));
        return Stream.of(
                new ContextEvent(key, full, clock, Condition.NONE, patch),
                new ContextEvent(key, bare, Causality.UNSTATED, new Condition.Exists(), patch),
                new ContextEvent(key, bare, new Causality.BaseVersion(41), new Condition.Absent(), patch),
                new ContextEvent(
                        Fixtures.key(CUSTOMER, "1"),
                        bare,
                        Causality.UNSTATED,
                        new Condition.At(Set.of(new Revision(1, 2), new Revision(2, 1))),
                        new Change.Replace(object("{}"))),
                new ContextEvent(Fixtures.key(CUSTOMER, "1"), full, Causality.UNSTATED, Condition.NONE, Change.DELETE));
    }

    @ParameterizedTest
    @MethodSource("events")
    void whatIsWrittenForHttpIsReadBackEqual(ContextEvent event) {
        OutRecord written = CODEC.write(event, CUSTOMER, "node-1");
        LogRecord read = new LogRecord(position(9), written.key(), written.value(), written.headers());

        assertThat(written.topic()).isEqualTo("customer-events");
        assertThat(written.partition()).isEqualTo(0);
        assertThat(read(read)).isEqualTo(event);
        assertThat(EventCodec.waiter(read)).isEqualTo("node-1");
    }
}
