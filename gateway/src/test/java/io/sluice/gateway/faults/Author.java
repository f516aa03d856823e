package io.sluice.gateway.faults;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One who writes, to few contexts often and to many seldom, with a clock for each where it cares: what it writes next is drawn by
 * chance. For one thread.
 */
final class Author {

    /** Contexts whose id begins so get changes of which each sets a member of its own. */
    static final String TALLY = "tally-";

    /** Contexts whose id begins so are only counted up. */
    static final String COUNTED = "counted-";

    private static final int TALLIED = 50;
    private static final int HOT = 5;
    private static final int COLD = 300;
    private static final List<String> ODD = List.of("a/b", "ü ✓", "50%", "?x=1&y#z", "..a", "a:b:c", "+");
    private static final Pattern ENTRY = Pattern.compile("([^=, ]+)=([0-9]+)");

    private final String name;
    private final Random random;
    /** Shared by all: how many changes were made to contexts that are tallied. */
    private final AtomicInteger tallied;

    private final Map<String, Map<String, Long>> clocks = new HashMap<>();
    private final Map<String, String> etags = new HashMap<>();
    private int written;

    Author(String name, Random random, AtomicInteger tallied) {
        this.name = name;
        this.random = random;
        this.tallied = tallied;
    }

    String name() {
        return name;
    }

    Random random() {
        return random;
    }

    /** A context that it might write to. */
    static String anyKey(Random random) {
        String type = Types.ALL.get(random.nextInt(Types.ALL.size()));
        int kind = random.nextInt(20);
        if (kind < 12) {
            return type + "/h" + random.nextInt(HOT);
        }
        return type + "/" + (kind < 19 ? "c" + random.nextInt(COLD) : ODD.get(random.nextInt(ODD.size())));
    }

    /** What a read or an answer has told of a context. */
    void learn(String key, @Nullable String clock, @Nullable String etag) {
        Matcher entries = ENTRY.matcher(clock == null ? "" : clock);
        while (entries.find()) {
            clock(key).merge(entries.group(1), Long.parseLong(entries.group(2)), Math::max);
        }
        if (etag != null) {
            etags.put(key, etag);
        }
    }

    private Map<String, Long> clock(String key) {
        return clocks.computeIfAbsent(key, k -> new TreeMap<>());
    }

    /** @param conditions whether there may be one */
    Draft next(boolean conditions) {
        written++;
        int kind = random.nextInt(20);
        if (kind == 0) {
            String id = TALLY + tallied.getAndIncrement() / TALLIED;
            return draft(Types.CUSTOMER + "/" + id, "patch", "{\"" + name + " " + eventId() + "\":1}", false);
        }
        if (kind == 1) {
            return draft(
                    Types.INVENTORY + "/" + COUNTED + random.nextInt(3),
                    "ops",
                    "[{\"path\":\"/count\",\"add\":1}]",
                    false);
        }
        String key = anyKey(random);
        String type = key.substring(0, key.indexOf('/'));
        if (random.nextInt(type.equals(Types.ORDER) ? 8 : 25) == 0) {
            return draft(key, "delete", null, true);
        }
        Draft draft = switch (type) {
            case Types.INVENTORY -> inventory(key);
            case Types.ANALYTICS -> analytics(key);
            default ->
                random.nextInt(4) == 0 ? draft(key, "replace", document(), true) : draft(key, "patch", patch(1), true);
        };
        return conditions && random.nextInt(6) == 0 ? conditional(draft) : draft;
    }

    private String eventId() {
        return "e" + written;
    }

    private Draft inventory(String key) {
        return switch (random.nextInt(6)) {
            case 0 ->
                draft(
                        key,
                        "replace",
                        "{\"count\":" + random.nextInt(9) + ",\"tags\":[\"t0\",\"t1\"],\"a\":" + leaf() + "}",
                        true);
            case 1, 2 ->
                draft(
                        key,
                        "ops",
                        "[{\"path\":\"/count\",\"add\":" + (random.nextInt(9) - 3)
                                + "},{\"path\":\"/tags\",\"insert\":[\"t" + random.nextInt(5) + "\"],\"remove\":[\"t"
                                + random.nextInt(5) + "\"]}]",
                        true);
            case 3 ->
                draft(
                        key,
                        "patch",
                        "{\"peak\":" + random.nextInt(1_000) + ",\"low\":" + random.nextInt(1_000) + "}",
                        true);
            case 4 ->
                draft(
                        key,
                        "patch",
                        "{\"price\":" + random.nextInt(100) + ",\"origin\":\"" + name + written + "\"}",
                        true);
            default -> draft(key, "patch", patch(1), true);
        };
    }

    /** Edits at the beginning, and against one of the first revisions: there is none at which that cannot be. */
    private Draft analytics(String key) {
        return switch (random.nextInt(8)) {
            case 0 -> draft(key, "patch", "{\"note\":\"" + name + "\",\"board\":{\"n\":0}}", true);
            case 1, 2 ->
                draft(
                        key,
                        "ops",
                        "[{\"path\":\"/note\",\"text\":[\"" + name.charAt(0) + "\"],\"revision\":" + random.nextInt(3)
                                + "}]",
                        false);
            case 3 ->
                draft(
                        key,
                        "ops",
                        "[{\"path\":\"/board\",\"json0\":[{\"p\":[\"" + name.charAt(0) + "\"],\"oi\":" + written
                                + "}],\"revision\":" + (1 + random.nextInt(3)) + "}]",
                        false);
            // Enough of these, and a reader that stands still has soon had enough.
            case 4 ->
                draft(key, "patch", "{\"pad\":\"" + name.substring(0, 1).repeat(random.nextInt(20_000)) + "\"}", false);
            default -> draft(key, "patch", patch(1), true);
        };
    }

    private Draft conditional(Draft draft) {
        String etag = etags.get(draft.key());
        int kind = random.nextInt(4);
        return new Draft(
                draft.type(),
                draft.id(),
                draft.writer(),
                draft.eventId(),
                draft.change(),
                draft.body(),
                draft.clock(),
                draft.baseVersion(),
                kind == 0 ? null : etag == null ? "*" : etag,
                kind == 0);
    }

    private Draft draft(String key, String change, @Nullable String body, boolean causal) {
        int slash = key.indexOf('/');
        String clock = null;
        if (causal && random.nextInt(3) > 0) {
            clock(key).merge(name, 1L, Long::sum);
            clock = clock(key).entrySet().stream()
                    .map(entry -> entry.getKey() + "=" + entry.getValue())
                    .collect(Collectors.joining(", "));
        }
        return new Draft(
                key.substring(0, slash),
                key.substring(slash + 1),
                name,
                eventId(),
                change,
                body,
                clock,
                null,
                null,
                false);
    }

    private String document() {
        return "{\"a\":" + leaf() + ",\"b\":" + patch(1) + ",\"owner\":\"" + name + written + "\"}";
    }

    private String patch(int depth) {
        List<String> members = new ArrayList<>();
        for (String member : List.of("a", "b", "c", "owner")) {
            switch (random.nextInt(5)) {
                case 0, 1 -> members.add("\"" + member + "\":" + leaf());
                case 2 -> members.add("\"" + member + "\":" + (depth == 0 ? "null" : patch(depth - 1)));
                default -> {}
            }
        }
        return "{" + String.join(",", members) + "}";
    }

    private String leaf() {
        return switch (random.nextInt(5)) {
            case 0 -> "null";
            case 1 -> "\"" + name + written + "\"";
            case 2 -> "[1,{\"x\":1.10}]";
            default -> String.valueOf(random.nextInt(1_000));
        };
    }
}
