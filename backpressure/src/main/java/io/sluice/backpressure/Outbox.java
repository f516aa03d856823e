package io.sluice.backpressure;

import java.util.LinkedHashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the hub wants of one event loop, in order. The hub adds, the loop works it off in one task: what comes while the loop is
 * busy is gathered, so that each connection gets it in one write and one flush, and nothing waits while the loop is idle.
 */
final class Outbox {

    /** So many updates may wait for a loop before the tail has to. */
    static final int MAX_WAITING = 4_096;

    private sealed interface Step {}

    private record Deliver(Members members, FeedEvent event) implements Step {}

    /** To one mailbox. Before it is worked off, its members have what came before. */
    private record Do(Runnable work) implements Step {}

    private final ExecutorService loop;
    private final Runnable calm;
    private final Queue<Step> steps = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private volatile boolean awaited;
    private final Set<Members> touched = new LinkedHashSet<>();
    private final Set<Mailbox> single = new LinkedHashSet<>();

    /** @param calm told, on the loop, when there were too many updates and are no longer */
    Outbox(ExecutorService loop, Runnable calm) {
        this.loop = loop;
        this.calm = calm;
    }

    void deliver(Members members, FeedEvent event) {
        steps.add(new Deliver(members, event));
        waiting.incrementAndGet();
    }

    void deliver(Mailbox mailbox, FeedEvent event) {
        run(mailbox, () -> mailbox.deliver(event));
    }

    void deliver(Mailbox mailbox, Batch batch) {
        if (!batch.events().isEmpty()) {
            run(mailbox, () -> mailbox.deliver(batch));
        }
    }

    /** Work on one mailbox, after which it is flushed. */
    void run(Mailbox mailbox, Runnable work) {
        steps.add(new Do(() -> {
            work.run();
            single.add(mailbox);
        }));
    }

    /** Whether the hub has to wait until it is told that the loop is calm. */
    boolean isFull() {
        if (waiting.get() <= MAX_WAITING) {
            return false;
        }
        awaited = true;
        return waiting.get() > MAX_WAITING;
    }

    /** To be called when some steps were added. */
    void schedule() {
        if (!steps.isEmpty() && scheduled.compareAndSet(false, true)) {
            try {
                loop.execute(this::work);
            } catch (RejectedExecutionException e) {
                // The server is gone, and all its connections.
                steps.clear();
                waiting.set(0);
            }
        }
    }

    private void work() {
        scheduled.set(false);
        Step step;
        while ((step = steps.poll()) != null) {
            switch (step) {
                case Deliver(Members members, FeedEvent event) -> {
                    waiting.decrementAndGet();
                    if (members.add(event)) {
                        touched.add(members);
                    }
                }
                case Do(Runnable work) -> {
                    touched.forEach(Members::deliver);
                    work.run();
                }
            }
        }
        if (touched.size() == 1 && single.isEmpty()) {
            touched.forEach(Members::deliverAndFlush);
        } else {
            touched.forEach(Members::deliver);
            touched.forEach(Members::flush);
        }
        touched.clear();
        single.forEach(Mailbox::flush);
        single.clear();
        if (awaited && waiting.get() <= MAX_WAITING) {
            awaited = false;
            calm.run();
        }
    }
}
