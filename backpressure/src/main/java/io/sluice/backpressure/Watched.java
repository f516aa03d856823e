package io.sluice.backpressure;

import io.sluice.resolver.Partition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What somebody watches, with all who do, by how they see it. They share their cursors. On the hub's thread. */
final class Watched {

    private final Selection selection;
    private final Filter filter;
    private final int hash;
    private final List<Partition> partitions;
    private final Map<Encoding, Audience> audiences = new HashMap<>(2);

    /** @param hash of what it has, for cursors @param partitions in which that is */
    Watched(View view, int hash, List<Partition> partitions) {
        this.selection = view.selection();
        this.filter = view.filter();
        this.hash = hash;
        this.partitions = partitions;
    }

    Selection selection() {
        return selection;
    }

    Filter filter() {
        return filter;
    }

    Collection<Audience> audiences() {
        return audiences.values();
    }

    Audience audience(View view) {
        return audiences.computeIfAbsent(view.encoding(), encoding -> new Audience(view));
    }

    @Nullable
    Audience audienceIfAny(View view) {
        return audiences.get(view.encoding());
    }

    void remove(View view) {
        audiences.remove(view.encoding());
    }

    boolean isEmpty() {
        return audiences.isEmpty();
    }

    /** Where the tail stands. */
    String cursor(Hub hub) {
        return hub.cursor(hash, partitions);
    }

    /** To all who are to hear of it. @return how many they are */
    int publish(Published published, Hub hub) {
        String cursor = null;
        int heard = 0;
        for (Audience audience : audiences.values()) {
            if (FeedEvent.isOne(published, audience.view())) {
                cursor = cursor == null ? cursor(hub) : cursor;
                audience.deliver(FeedEvent.change(published, audience.view(), cursor));
                heard += audience.all().size();
            }
            for (Subscriber subscriber : new ArrayList<>(audience.early())) {
                subscriber.accept(published);
            }
        }
        return heard;
    }
}
