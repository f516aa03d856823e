/**
 * Real Kafka, PostgreSQL and Redis, started from Maven artifacts, so that a newcomer needs a JDK and nothing else. For local
 * runs and tests; never part of a production image.
 *
 * <p>May import: nothing of Sluice.
 */
@NullMarked
package io.sluice.embedded;

import org.jspecify.annotations.NullMarked;
