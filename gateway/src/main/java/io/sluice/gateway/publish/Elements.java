package io.sluice.gateway.publish;

import io.sluice.gateway.web.Problem;
import io.sluice.gateway.web.ProblemException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * Cuts a JSON array into its elements without reading them: what one of them is like does not concern the others, as long as
 * brackets and quotes have their ends.
 */
final class Elements implements Iterable<Part> {

    private final byte[] array;
    private final int first;
    private final int max;

    private Elements(byte[] array, int first, int max) {
        this.array = array;
        this.first = first;
        this.max = max;
    }

    /**
     * @param max bytes of an element
     * @throws ProblemException if it is no array, or has no end, or something behind it
     */
    static Elements of(byte[] array, int max) {
        int begin = skipBlanks(array, startsWithMark(array) ? 3 : 0);
        if (begin == array.length || array[begin] != '[') {
            throw malformed("no array");
        }
        int end = begin;
        do {
            end = end(array, end + 1);
        } while (end < array.length && array[end] == ',');
        if (end == array.length) {
            throw malformed("an array without its end, or a text in it without its own");
        }
        if (skipBlanks(array, end + 1) < array.length) {
            throw malformed("something behind the array, at byte " + (end + 1));
        }
        return new Elements(array, begin + 1, max);
    }

    private static boolean startsWithMark(byte[] array) {
        return array.length > 2 && array[0] == (byte) 0xEF && array[1] == (byte) 0xBB && array[2] == (byte) 0xBF;
    }

    private static ProblemException malformed(String found) {
        return Problem.of(Problem.Kind.MALFORMED, "body: " + found + " (expected: a JSON array of events, [{...},...])")
                .exception();
    }

    private static int skipBlanks(byte[] array, int from) {
        int i = from;
        while (i < array.length && (array[i] == ' ' || array[i] == '\n' || array[i] == '\r' || array[i] == '\t')) {
            i++;
        }
        return i;
    }

    /** Where the element ends that begins there: at a comma, at the end of the array, or nowhere. */
    private static int end(byte[] array, int from) {
        int depth = 0;
        boolean inText = false;
        for (int i = from; i < array.length; i++) {
            byte b = array[i];
            if (inText) {
                if (b == '\\') {
                    i++;
                } else if (b == '"') {
                    inText = false;
                }
            } else if (b == '"') {
                inText = true;
            } else if (b == '{' || b == '[') {
                depth++;
            } else if (depth == 0 && (b == ',' || b == ']')) {
                return i;
            } else if (depth > 0 && (b == '}' || b == ']')) {
                depth--;
            }
        }
        return array.length;
    }

    @Override
    public Iterator<Part> iterator() {
        return new Iterator<>() {

            private int from = isEmpty() ? array.length : first;

            @Override
            public boolean hasNext() {
                return from < array.length;
            }

            @Override
            public Part next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                int begin = skipBlanks(array, from);
                int end = end(array, from);
                from = array[end] == ',' ? end + 1 : array.length;
                int bytes = Math.max(0, end - begin);
                return bytes > max
                        ? Part.tooLarge(bytes, max)
                        : new Part.Event(Arrays.copyOfRange(array, begin, begin + bytes), 0);
            }
        };
    }

    private boolean isEmpty() {
        return array[skipBlanks(array, first)] == ']';
    }
}
