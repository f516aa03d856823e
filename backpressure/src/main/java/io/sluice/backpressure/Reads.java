package io.sluice.backpressure;

import io.sluice.backpressure.CatchUp.Page;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.Partition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is being read for those who catch up: equal questions are asked once, however many wait for the answer, of which nothing
 * is kept. On the hub's thread.
 *
 * <p>An answer knows all that the tail had brought when its read began, and perhaps no more. Who joins later has let pass what
 * the tail brought in between, and must not be without it:
 * <ul>
 *   <li>A page of changes says how far it goes, see {@link CatchUp.Updates#next}. Who needs more asks for what is behind it.
 *   <li>A page of states says nothing of the kind. It can be joined until the tail brings a change of what it is about; who
 *       asks after that has a read of its own, and so have those who ask with it.
 * </ul>
 */
final class Reads {

    sealed interface Question {

        /** These contexts, in order. */
        record OfKeys(List<ContextKey> keys) implements Question {}

        /** The next contexts of a type. @param after the id behind which to begin; null: at the beginning */
        record OfType(String tenant, String type, @Nullable String after) implements Question {}

        /** The next changes in a partition. @param from the source offset of the first */
        record Missed(Selection selection, Partition partition, long from) implements Question {}

        /** Whether a change of that context may be missing in an answer that is older than it, and it would not be seen. */
        private boolean isOutdatedBy(ContextKey key) {
            return switch (this) {
                case OfKeys(var keys) -> keys.contains(key);
                case OfType(var tenant, var type, var after) ->
                    key.type().equals(type) && key.tenant().equals(tenant);
                case Missed missed -> false;
            };
        }
    }

    private static final class Read {

        private final Question question;
        private final List<Waiting> waiting = new ArrayList<>(1);

        private Read(Question question) {
            this.question = question;
        }
    }

    private record Waiting(Consumer<Page> answered, Consumer<Throwable> failed) {

        /** Whatever the answer does to one, the others have theirs. */
        void tell(Page page) {
            try {
                answered.accept(page);
            } catch (RuntimeException e) {
                failed.accept(e);
            }
        }
    }

    private final Hub hub;
    /** Those that can be joined. */
    private final Map<Question, Read> open = new HashMap<>();
    /** Of those, the ones that have begun: few, see {@link Hub.Settings#maxLoads}. */
    private final Set<Read> begun = new LinkedHashSet<>();

    Reads(Hub hub) {
        this.hub = hub;
    }

    /** Either is told once, on the hub's thread, and never before this returns. */
    void ask(Question question, Consumer<Page> answered, Consumer<Throwable> failed) {
        Read read = open.get(question);
        if (read == null) {
            read = new Read(question);
            open.put(question, read);
            begin(read);
        } else {
            hub.events().readShared();
        }
        read.waiting.add(new Waiting(answered, failed));
    }

    private void begin(Read read) {
        hub.load(
                () -> {
                    begun.add(read);
                    return hub.page(read.question);
                },
                page -> close(read).forEach(one -> one.tell(page)),
                error -> close(read).forEach(one -> one.failed.accept(error)));
    }

    private List<Waiting> close(Read read) {
        begun.remove(read);
        open.remove(read.question, read);
        return read.waiting;
    }

    /** The tail has lost its place: it has left out what no one knows. */
    void outdate() {
        begun.forEach(read -> open.remove(read.question, read));
        begun.clear();
    }

    /** The tail has brought a change. */
    void changed(ContextKey key) {
        begun.removeIf(read -> read.question.isOutdatedBy(key) && open.remove(read.question, read));
    }
}
