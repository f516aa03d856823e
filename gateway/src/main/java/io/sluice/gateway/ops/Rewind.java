package io.sluice.gateway.ops;

import io.sluice.backpressure.ContextType;
import io.sluice.backpressure.ContextTypes;
import io.sluice.backpressure.Hub;
import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.journal.Journal.Ownership;
import io.sluice.resolver.Partition;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Sees that PostgreSQL has gone back: after a failover to a replica that had not the last transactions, or a restore. The
 * owners of the partitions fold again what is missing, and it comes out the same; but who has read from the store meanwhile has
 * something older than what this node had told already, and hears of no change in between. So when the store is as far as
 * it was, this node forgets what it remembers, and begins its feeds anew.
 *
 * <p>Whatever was announced was stored before. So a partition of which less is stored than was announced has gone back, and so has
 * one whose owner began before what was announced earlier: that shows even what has come and gone between two looks.
 */
final class Rewind {

    private static final Logger log = LoggerFactory.getLogger(Rewind.class);

    private static final Duration EVERY = Duration.ofSeconds(1);

    private final ContextTypes types;
    private final Journal journal;
    private final Hub hub;
    private Map<Partition, Long> heardBefore = Map.of();
    private Map<Partition, Ownership> before = Map.of();
    private boolean wentBack;

    Rewind(ContextTypes types, Journal journal, Hub hub) {
        this.types = types;
        this.journal = journal;
        this.hub = hub;
    }

    /** To be subscribed once. Never completes or fails. */
    Flux<Void> run() {
        return Flux.interval(EVERY)
                .onBackpressureDrop()
                .concatMap(
                        tick -> look().onErrorResume(e -> {
                            log.debug("How far PostgreSQL is is not known: {}", e.toString());
                            return Mono.empty();
                        }),
                        1);
    }

    private Mono<Void> look() {
        return Mono.defer(() -> {
            Map<Partition, Long> heard = heard();
            return journal.ownerships().doOnNext(now -> compare(heard, now)).then();
        });
    }

    private Map<Partition, Long> heard() {
        Map<Partition, Long> heard = new HashMap<>();
        for (ContextType type : types.all()) {
            type.allPartitions().forEach(partition -> heard.put(partition, hub.seen(partition)));
        }
        return heard;
    }

    private void compare(Map<Partition, Long> heard, Map<Partition, Ownership> now) {
        boolean isBehind = false;
        for (Partition partition : heard.keySet()) {
            Ownership ownership = now.get(partition);
            isBehind |= heard.get(partition) > (ownership == null ? 0 : ownership.next());
            wentBack |= ownership != null && beganBehind(partition, ownership);
        }
        if (isBehind && !wentBack) {
            log.warn("PostgreSQL has less than was announced: it has gone back, and what is missing is folded again");
        }
        wentBack |= isBehind;
        heardBefore = heard;
        before = now;
        if (wentBack && !isBehind) {
            wentBack = false;
            log.warn("PostgreSQL had gone back, and has again what was announced: all feeds begin anew");
            hub.startOver();
        }
    }

    private boolean beganBehind(Partition partition, Ownership now) {
        Ownership last = before.get(partition);
        return last != null
                && (last.epoch() != now.epoch() || last.taken() != now.taken())
                && now.taken() < heardBefore.getOrDefault(partition, 0L);
    }
}
