package io.sluice.gateway.endtoend;

import io.sluice.backpressure.ContextType;
import io.sluice.backpressure.EventCodec;
import io.sluice.backpressure.Headers;
import io.sluice.backpressure.LogRecord;
import io.sluice.resolver.ContextEvent;
import io.sluice.resolver.ContextException;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.LogPosition;
import io.sluice.resolver.Remembered;
import io.sluice.resolver.Resolved;
import io.sluice.resolver.Resolver;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import tools.jackson.databind.JsonNode;

/** What the log says, folded from its beginning by the resolver alone: no batches, no store, no owners. */
record Refold(Map<String, String> outcomes, Map<String, Long> versions, Map<String, JsonNode> documents) {

    static Refold of(List<ConsumerRecord<byte[], byte[]>> log, ContextType type) {
        EventCodec codec = new EventCodec(64);
        Resolver resolver = Resolver.of(type.bounds(), type.policies());
        Map<ContextKey, Remembered> known = new HashMap<>();
        Map<String, String> outcomes = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> record : log) {
            try {
                LogRecord read = logRecord(record);
                ContextEvent event = codec.read(read, type);
                Resolved resolved =
                        resolver.resolve(known.getOrDefault(event.key(), Remembered.NOTHING), event, read.position());
                known.put(event.key(), resolved.after());
                ContextState state = resolved.after().state();
                String revision = state == null
                        ? "0/0"
                        : state.revision().incarnation() + "/"
                                + state.revision().version();
                outcomes.put(
                        record.partition() + "@" + record.offset(),
                        resolved.resolution().kind() + " " + revision);
            } catch (ContextException e) {
                // For the dead letters, or for another partition.
            }
        }
        Map<String, Long> versions = new TreeMap<>();
        Map<String, JsonNode> documents = new TreeMap<>();
        known.forEach((key, remembered) -> {
            ContextState state = remembered.state();
            if (state != null && state.document() != null) {
                versions.put(key.id(), state.revision().version());
                documents.put(key.id(), Api.json(state.document().tree().toString()));
            }
        });
        return new Refold(outcomes, versions, documents);
    }

    private static LogRecord logRecord(ConsumerRecord<byte[], byte[]> record) {
        List<Headers.Header> headers = new ArrayList<>();
        record.headers().forEach(header -> headers.add(new Headers.Header(header.key(), header.value())));
        LogPosition position = new LogPosition(
                record.topic(), record.partition(), record.offset(), Instant.ofEpochMilli(record.timestamp()));
        return new LogRecord(position, record.key(), record.value(), new Headers(headers));
    }
}
