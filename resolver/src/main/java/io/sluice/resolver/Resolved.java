package io.sluice.resolver;

/**
 * What became of an event, and what is remembered of its context from then on. Of a rejected event and of a duplicate nothing is:
 * the repeat of what was rejected is judged anew.
 */
public record Resolved(Resolution resolution, Remembered after) {}
