package io.sluice.cache;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts, as {@code hit LOCAL} and the like. */
final class CountedEvents implements CacheEvents {

    private final Map<String, Integer> counts = new ConcurrentHashMap<>();

    int count(String what) {
        return counts.getOrDefault(what, 0);
    }

    private void add(String what, Tier tier) {
        counts.merge(what + " " + tier, 1, Integer::sum);
    }

    @Override
    public void hit(Tier tier) {
        add("hit", tier);
    }

    @Override
    public void miss(Tier tier) {
        add("miss", tier);
    }

    @Override
    public void bypassed(Tier tier) {
        add("bypassed", tier);
    }

    @Override
    public void loaded(Tier tier, Duration took) {
        add("loaded", tier);
    }
}
