package io.sluice.cache;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** A store that answers when the test says so. */
final class ManualLoader implements ContextLoader {

    private final List<Call> calls = new CopyOnWriteArrayList<>();

    record Call(Set<ContextKey> keys, Sinks.One<Map<ContextKey, ContextState>> sink) {

        void answer(ContextState... states) {
            Map<ContextKey, ContextState> found = new HashMap<>();
            for (ContextState state : states) {
                found.put(state.key(), state);
            }
            sink.tryEmitValue(found).orThrow();
        }

        void fail(Throwable error) {
            sink.tryEmitError(error).orThrow();
        }
    }

    @Override
    public Mono<Map<ContextKey, ContextState>> load(Collection<ContextKey> keys) {
        return Mono.defer(() -> {
            Call call = new Call(Set.copyOf(keys), Sinks.one());
            calls.add(call);
            return call.sink().asMono();
        });
    }

    int count() {
        return calls.size();
    }

    Call call(int index) {
        return calls.get(index);
    }
}
