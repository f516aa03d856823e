package io.sluice.backpressure;

/**
 * Which partition a key belongs to: MurmurHash2 (Austin Appleby, 32 bit) with the seed of Kafka's Java client, so that every
 * producer that uses that client's default agrees.
 */
final class KeyHash {

    private static final int SEED = 0x9747b28c;
    private static final int M = 0x5bd1e995;

    private KeyHash() {}

    static int partition(byte[] key, int partitions) {
        return (murmur2(key) & 0x7fffffff) % partitions;
    }

    private static int murmur2(byte[] data) {
        int length = data.length;
        int h = SEED ^ length;
        int whole = length & ~3;
        for (int i = 0; i < whole; i += 4) {
            int k = (data[i] & 0xff)
                    | (data[i + 1] & 0xff) << 8
                    | (data[i + 2] & 0xff) << 16
                    | (data[i + 3] & 0xff) << 24;
            k *= M;
            k ^= k >>> 24;
            k *= M;
            h = h * M ^ k;
        }
        if (length > whole) {
            for (int i = length - 1; i >= whole; i--) {
                h ^= (data[i] & 0xff) << 8 * (i - whole);
            }
            h *= M;
        }
        h ^= h >>> 13;
        h *= M;
        h ^= h >>> 15;
        return h;
    }
}
