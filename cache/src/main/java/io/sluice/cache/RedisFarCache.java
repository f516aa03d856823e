package io.sluice.cache;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Partition;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.ThreadLocalRandom;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/*
 * How Redis may forget anything, and yet no reader is given a state that is older than what it has seen
 *
 * Marks. Every partition has a mark, an interval [from, to) of source offsets: every change in it has been applied to Redis,
 * and nothing that is older than such a change has been written since. A batch [from, next) that begins where the mark ends, or
 * within it, moves its end. One that begins further on leaves a gap (Redis was away, or has lost its end), and the mark starts
 * anew as [from, next). One that ends within it, or before it, are old words, of a zombie or a repeat: nothing is written.
 * But an empty one, [next, next), is what a new owner says of what is stored: if the mark is ahead of that, the store has gone
 * back, and the mark does too. Readers may have filled in meanwhile what is older than their asOf says; it is written anew as
 * the same events are folded again, before the mark is where they may use it.
 *
 * Entries. Each carries asOf, the source position up to which it is known to be current: the end of its batch or, if a reader
 * filled it in, what that reader's tail had seen before it read the store. A reader that has seen all below `seen` may use it
 *
 *     iff to >= seen and asOf >= from
 *
 * for what has changed since asOf lies in the mark, and would have replaced it. After a gap the entries from before it have an
 * asOf below the mark, and are dead without being touched. An entry is never replaced by one of an earlier revision.
 *
 * Leases. Redis may drop an entry at any time, so that none is there does not say that nothing was stored. If a reader
 * that was slow to read the store filled in regardless, a change that had come and gone in the meantime would be undone. So a
 * find that has nothing to give leaves the token of a lease at the key, the same for all who ask. Storing an entry takes it
 * away and so does dropping it; what is filled in with it is at least as new as all that was ever stored for the key.
 *
 * Parts. A large batch is written by several scripts, entries first, the mark with the last. If one fails, the mark stays and
 * the next batch finds a gap. What Redis has may also go back to an earlier moment between two parts (it crashes, or a replica
 * takes over). So each part leaves its name in the mark, and looks for that of the part before: if it is gone, that part's
 * entries may be, too, and all that the last part may say is that nothing is missing from `next` on. What one script has
 * written goes back as a whole, together with its mark.
 *
 * Keys. All of a partition have the hash tag {<topic>/<partition>}, and so one slot: sluice:{...}:mark, and
 * sluice:{...}:<tenant>/<id> for entries.
 */
/** The shared cache in Redis. Answers come on threads of its connection. */
final class RedisFarCache implements FarCache {

    private static final Script FIND = Script.named("find");
    private static final Script FILL = Script.named("fill");
    private static final Script DROP = Script.named("drop");
    private static final Script STORE = Script.named("store");

    /** Longer than any load takes. */
    private static final Duration LEASE = Duration.ofSeconds(30);

    private static final Duration MAX_SILENCE = Duration.ofSeconds(5);

    private final RedisLink link;
    private final byte[] ttlMillis;

    RedisFarCache(String url, FarAccess access, FarSettings settings) {
        this.link = new RedisLink(url, access, settings.storeTimeout(), MAX_SILENCE);
        this.ttlMillis = bytes(settings.ttl().toMillis());
    }

    @Override
    public Mono<Found> find(ContextKey key, Partition partition, long seen) {
        return Mono.defer(() -> link.call(
                        FIND,
                        new byte[][] {Entry.key(partition, key), Entry.markKey(partition)},
                        bytes(seen),
                        bytes(newToken()),
                        bytes(LEASE.toMillis())))
                .map(answer -> found(answer, key, seen));
    }

    private static Found found(byte[] answer, ContextKey key, long seen) {
        if (answer.length == Long.BYTES) {
            return Found.missing(new Found.Lease(ByteBuffer.wrap(answer).getLong(), seen));
        }
        ContextState state = Entry.decode(answer);
        return state != null && state.key().equals(key) ? Found.usable(state) : Found.NOTHING;
    }

    @Override
    public Mono<Void> fill(ContextState state, Partition partition, Found.Lease lease) {
        return Mono.defer(() -> link.call(
                        FILL,
                        new byte[][] {Entry.key(partition, state.key())},
                        bytes(lease.token()),
                        Entry.encode(state, lease.asOf()),
                        ttlMillis))
                .then();
    }

    /** The parts go one after the other; after one that fails none follows. */
    @Override
    public Mono<Void> store(Partition partition, long from, long next, Collection<ContextState> states) {
        if (from < 0 || next < from) {
            throw new IllegalArgumentException("batch: [" + from + ", " + next + ") (expected: 0 <= from <= next)");
        }
        return Mono.defer(() -> Flux.fromIterable(StorePart.cut(partition, states, next))
                .concatMap(part -> link.call(STORE, part.keys(), part.arguments(from, next, ttlMillis)))
                .then());
    }

    @Override
    public Mono<Void> probe() {
        return link.probe();
    }

    @Override
    public Mono<Void> drop(ContextKey key, Partition partition) {
        return Mono.defer(() -> link.call(DROP, new byte[][] {Entry.key(partition, key)}))
                .then();
    }

    @Override
    public Mono<Void> close() {
        return link.close();
    }

    /** Scripts compute with 53 bits; 0 stands for no lease. */
    private static long newToken() {
        return ThreadLocalRandom.current().nextLong(1, 1L << 53);
    }

    private static byte[] bytes(long number) {
        return Long.toString(number).getBytes(UTF_8);
    }
}
