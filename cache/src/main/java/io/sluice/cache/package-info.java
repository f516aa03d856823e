/**
 * How a context is remembered in between: in the process, in Redis, and behind both a loader.
 *
 * <p>May import: the resolver, Reactor, Caffeine, Resilience4j, and (in the Redis tier only) Lettuce.
 */
@NullMarked
package io.sluice.cache;

import org.jspecify.annotations.NullMarked;
