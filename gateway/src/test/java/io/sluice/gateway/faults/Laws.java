package io.sluice.gateway.faults;

import io.sluice.backpressure.Outcome;
import io.sluice.resolver.Causality;
import io.sluice.resolver.Condition;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Identity;
import io.sluice.resolver.RecentIdentities;
import io.sluice.resolver.Resolution;
import io.sluice.resolver.Revision;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What holds of outcomes in the order of their log whoever has made them: versions without gaps, each identity once, conditions
 * that held. The resolver has no part in it.
 */
final class Laws {

    private final Anomalies anomalies;
    private final Map<ContextKey, Context> contexts = new HashMap<>();

    Laws(Anomalies anomalies) {
        this.anomalies = anomalies;
    }

    /** So much of a context is known here. */
    private static final class Context {
        private @Nullable Revision revision;
        private boolean deleted;
        private final Deque<Identity> recent = new ArrayDeque<>();
        private final Set<Identity> known = new HashSet<>();
    }

    /** Of one partition in its order. */
    void check(Outcome outcome) {
        Context context = contexts.computeIfAbsent(outcome.event().key(), key -> new Context());
        checkRevision(outcome, context);
        checkCondition(outcome, context);
        checkIdentity(outcome, context);
        ContextState after = outcome.after();
        context.revision = after == null ? null : after.revision();
        context.deleted = after != null && after.isDeleted();
    }

    private void checkRevision(Outcome outcome, Context context) {
        Revision was = context.revision;
        Revision now = outcome.after() == null ? null : outcome.after().revision();
        boolean allowed;
        if (outcome.resolution() instanceof Resolution.Visible) {
            allowed = was == null
                    ? Revision.FIRST.equals(now)
                    : was.next().equals(now)
                            || context.deleted && was.nextLife().equals(now);
        } else {
            allowed = was == null ? now == null : was.equals(now);
        }
        if (!allowed) {
            anomalies.add("version out of line", "%s: %s after %s", outcome.position(), now, was);
        }
    }

    private void checkCondition(Outcome outcome, Context context) {
        boolean counted = !(outcome.resolution() instanceof Resolution.Rejected)
                && !(outcome.resolution() instanceof Resolution.Duplicate);
        boolean exists = context.revision != null && !context.deleted;
        boolean holds = switch (outcome.event().condition()) {
            case Condition.None none -> true;
            case Condition.Exists any -> exists;
            case Condition.Absent absent -> !exists;
            case Condition.At at -> context.revision != null && at.revisions().contains(context.revision);
        };
        if (counted && !holds) {
            anomalies.add(
                    "condition did not hold",
                    "%s: %s at %s",
                    outcome.position(),
                    outcome.event().condition(),
                    context.revision);
        }
    }

    private void checkIdentity(Outcome outcome, Context context) {
        Identity identity = outcome.event().identity();
        boolean known = context.known.contains(identity);
        switch (outcome.resolution()) {
            case Resolution.Rejected rejected -> {}
            case Resolution.Duplicate duplicate -> {
                // Dots are known for ever.
                if (!known && !(outcome.event().causality() instanceof Causality.Clock)) {
                    anomalies.add("taken for a duplicate", "%s: %s", outcome.position(), identity);
                }
            }
            default -> {
                if (known) {
                    anomalies.add("counted twice", "%s: %s", outcome.position(), identity);
                }
                context.known.add(identity);
                context.recent.add(identity);
                if (context.recent.size() > RecentIdentities.MAX_COUNT) {
                    context.known.remove(context.recent.remove());
                }
            }
        }
    }
}
