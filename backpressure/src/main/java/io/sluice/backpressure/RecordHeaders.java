package io.sluice.backpressure;

/** The names of the headers that Sluice reads and writes. */
final class RecordHeaders {

    static final String TENANT = "sluice-tenant";
    static final String EVENT_ID = "sluice-event-id";
    static final String WRITER = "sluice-writer";
    static final String CLOCK = "sluice-clock";
    static final String BASE_VERSION = "sluice-base-version";
    static final String CHANGE = "sluice-change";
    static final String EVENT_TYPE = "sluice-event-type";
    static final String EVENT_TIME = "sluice-event-time";
    static final String CORRELATION_ID = "sluice-correlation-id";
    static final String CAUSATION_ID = "sluice-causation-id";
    static final String SCHEMA_VERSION = "sluice-schema-version";
    static final String TRACEPARENT = "traceparent";
    static final String IF_MATCH = "sluice-if-match";
    static final String IF_NONE_MATCH = "sluice-if-none-match";
    /** Who waits for the outcome: a token that the announcement carries back. */
    static final String WAIT = "sluice-wait";
    /** On an announcement: the position of the event that caused it. */
    static final String SOURCE = "sluice-source";

    static final String SOURCE_TIME = "sluice-source-time";

    static final String RESOLUTION = "sluice-resolution";
    static final String REASON = "sluice-reason";
    static final String DETAIL = "sluice-detail";

    /** On an event that was moved to the partition of its key: where it was first, and when the log took it there. */
    static final String MOVED_FROM = "sluice-moved-from";

    static final String MOVED_TIME = "sluice-moved-time";

    static final String CONTENT_TYPE = "content-type";
    static final String CE_PREFIX = "ce_";

    private RecordHeaders() {}
}
