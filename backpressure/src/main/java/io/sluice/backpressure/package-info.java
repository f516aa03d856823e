/**
 * How records come in and updates go out without drowning anyone: the log on Kafka, the batch pipeline, the hub and its
 * mailboxes.
 *
 * <p>May import: the resolver, Reactor, and (in the log adapters only) Kafka. No Spring, no database, no cache.
 */
@NullMarked
package io.sluice.backpressure;

import org.jspecify.annotations.NullMarked;
