package io.sluice.gateway.publish;

import io.sluice.backpressure.CloudEvent;
import io.sluice.backpressure.ContextType;
import io.sluice.backpressure.ContextTypes;
import io.sluice.backpressure.EventCodec;
import io.sluice.gateway.web.Problem;
import io.sluice.resolver.ContextEvent;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.Json;
import io.sluice.resolver.Texts;
import java.time.InstantSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads CloudEvents that came over HTTP, whose subject says what they change. */
public record CloudEvents(ContextTypes types, EventCodec codec, Json json, InstantSource clock) {

    ContextEvent structured(byte[] body) {
        return event(CloudEvent.structured(body, json));
    }

    ContextEvent binary(Map<String, String> attributes, String contentType, byte[] body) {
        return event(CloudEvent.binary(attributes, contentType, body, json));
    }

    private ContextEvent event(CloudEvent event) {
        return codec.event(event, key(event.attribute("subject")), clock.instant());
    }

    private ContextKey key(@Nullable String subject) {
        int slash = subject == null ? -1 : subject.indexOf('/');
        if (subject == null || slash < 1) {
            throw Problem.of(
                            Problem.Kind.MALFORMED,
                            "CloudEvents attribute subject: \"" + Texts.shown(String.valueOf(subject))
                                    + "\" (expected: <type>/<id>)")
                    .exception();
        }
        String type = subject.substring(0, slash);
        if (types.named(type).isEmpty()) {
            throw Problem.of(
                            Problem.Kind.UNKNOWN_TYPE,
                            "type: \"" + Texts.shown(type) + "\" (expected: one of "
                                    + types.all().stream()
                                            .map(ContextType::name)
                                            .toList() + ")")
                    .exception();
        }
        return new ContextKey(ContextKey.DEFAULT_TENANT, type, subject.substring(slash + 1));
    }
}
