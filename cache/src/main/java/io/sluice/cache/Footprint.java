package io.sluice.cache;

/**
 * What the cache holds in this process, at a glance.
 *
 * @param contexts remembered, among them those that were never written
 * @param bytes what they weigh: an estimate of the heap behind them, the measure of {@link CacheSettings#localBytes}
 * @param loads contexts that are being loaded
 * @param evicted contexts given up since the start for want of room or for their age
 */
public record Footprint(long contexts, long bytes, long loads, long evicted) {}
