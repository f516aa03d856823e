package io.sluice.cache;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.Partition;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * What the cache must know of the tail that refreshes it. Both are asked on any thread and must not block.
 *
 * @param partitions the partition of a context's events, the one that its states name as their position
 * @param seen every update from a source offset below this has gone through {@link ContextCache#refresh}, or was announced
 *     before the tail began; negative while nobody knows: then the contexts of that partition are always read from the store
 *     and not remembered
 */
public record Tail(Function<ContextKey, Partition> partitions, ToLongFunction<Partition> seen) {}
