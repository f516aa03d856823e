package io.sluice.resolver;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Who wins where nothing else decides: the class of the writer, then the later event time, then the writer's name, the event id
 * and the value. A total order of writes, so that the winner does not hang on the order of arrival.
 */
public final class WriterOrder {

    /** All writers alike. */
    public static final WriterOrder NONE = new WriterOrder(Map.of(), List.of());

    private final Map<String, String> classes;
    private final Map<String, Integer> ranks = new HashMap<>();
    private final int last;

    /** The greater of two writes is the one that is seen. */
    final Comparator<Write> comparator;

    /**
     * @param classes of writers; a writer that is not in it is a class of its own
     * @param priority classes, the strongest first; all others are below the last
     */
    public WriterOrder(Map<String, String> classes, List<String> priority) {
        if (new HashSet<>(priority).size() < priority.size()) {
            throw new IllegalArgumentException("priority: " + priority + " (expected: each class once)");
        }
        this.classes = Map.copyOf(classes);
        this.last = priority.size();
        for (int i = 0; i < last; i++) {
            ranks.put(priority.get(i), i);
        }
        this.comparator = Comparator.comparingInt((Write write) -> -rank(write.stamp()))
                .thenComparing(write -> write.stamp().time())
                .thenComparing(write -> write.stamp().identity().writer())
                .thenComparing(write -> write.stamp().identity().eventId())
                .thenComparing(WriterOrder::content);
    }

    String classOf(String writer) {
        return classes.getOrDefault(writer, writer);
    }

    private int rank(Stamp stamp) {
        return ranks.isEmpty() ? 0 : ranks.getOrDefault(classOf(stamp.identity().writer()), last);
    }

    /** The first of the criteria that tells the two apart, as it is named in conflicts. */
    String criterion(Write winner, Write loser) {
        Stamp a = winner.stamp();
        Stamp b = loser.stamp();
        if (rank(a) != rank(b)) {
            return "priority";
        }
        if (!a.time().equals(b.time())) {
            return "time";
        }
        if (!a.identity().writer().equals(b.identity().writer())) {
            return "writer";
        }
        return a.identity().eventId().equals(b.identity().eventId()) ? "content" : "event-id";
    }

    private static String content(Write write) {
        JsonNode value = write.value();
        return value == null ? "" : CanonicalJson.text(value);
    }
}
