package io.sluice.resolver;

import java.util.Comparator;

/**
 * Where a context stands: which life of the key, and which version in it. Rises with every visible change; of two revisions
 * of a key the greater is the later.
 *
 * @param incarnation from 1, rises when a key is created anew long after its deletion
 * @param version dense, from 1, per incarnation
 */
public record Revision(long incarnation, long version) implements Comparable<Revision> {

    private static final Comparator<Revision> ORDER =
            Comparator.comparingLong(Revision::incarnation).thenComparingLong(Revision::version);

    public static final Revision FIRST = new Revision(1, 1);

    public Revision {
        if (incarnation < 1 || version < 1) {
            throw new IllegalArgumentException("revision: " + incarnation + "-" + version + " (expected: both >= 1)");
        }
    }

    public Revision next() {
        return new Revision(incarnation, version + 1);
    }

    public Revision nextLife() {
        return new Revision(incarnation + 1, 1);
    }

    public boolean isAfter(Revision other) {
        return compareTo(other) > 0;
    }

    @Override
    public int compareTo(Revision other) {
        return ORDER.compare(this, other);
    }

    /** {@code <incarnation>-<version>}, what {@link #parse} reads. */
    @Override
    public String toString() {
        return incarnation + "-" + version;
    }

    /** @throws MalformedException unless the text is of the form of {@link #toString} */
    public static Revision parse(String text) {
        int hyphen = text.indexOf('-');
        try {
            return new Revision(
                    Long.parseLong(text, 0, Math.max(hyphen, 0), 10),
                    Long.parseLong(text, hyphen + 1, text.length(), 10));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new MalformedException(
                    "malformed-revision",
                    "revision: \"" + Texts.shown(text) + "\" (expected: <incarnation>-<version>)",
                    e);
        }
    }
}
