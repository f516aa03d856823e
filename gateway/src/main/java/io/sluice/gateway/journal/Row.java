package io.sluice.gateway.journal;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Rows as they are written, one after the other. What is not put into a row is null there. */
interface Row {

    /** Begins the next row, to which all belongs that is put from now on. */
    Row next();

    /** Of null nothing is written. */
    Row put(String column, @Nullable String value);

    Row put(String column, long value);

    Row put(String column, Instant value);

    /** @param utf8 a text, encoded already */
    Row put(String column, byte[] utf8);
}
