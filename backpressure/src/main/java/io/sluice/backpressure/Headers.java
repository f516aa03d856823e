package io.sluice.backpressure;

import io.sluice.resolver.MalformedException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The headers of a record, in order; a name may come more than once, and the last of them counts. Immutable. */
public record Headers(List<Header> all) {

    /** What stands for bytes that are no UTF-8, or was there as it is. */
    private static final char REPLACEMENT = '\ufffd';

    public static final Headers NONE = new Headers(List.of());

    /** @param value shared, never changed; null as Kafka allows it */
    @SuppressWarnings("ArrayRecordComponent") // The bytes are shared on purpose, and headers are not compared.
    public record Header(String name, byte @Nullable [] value) {}

    public Headers {
        all = List.copyOf(all);
    }

    /**
     * The last header of that name, whatever the case of its letters, as text; null if there is none.
     *
     * @throws MalformedException unless it is UTF-8
     */
    public @Nullable String text(String name) {
        for (int i = all.size() - 1; i >= 0; i--) {
            Header header = all.get(i);
            byte[] value = header.value();
            if (header.name().equalsIgnoreCase(name) && value != null) {
                return decoded(name, value);
            }
        }
        return null;
    }

    /** Names in lower case and texts of the headers whose name begins so, the prefix taken off. */
    public List<String[]> withPrefix(String prefix) {
        List<String[]> found = new ArrayList<>();
        for (Header header : all) {
            String name = header.name().toLowerCase(Locale.ROOT);
            byte[] value = header.value();
            if (name.startsWith(prefix) && value != null) {
                found.add(new String[] {name.substring(prefix.length()), decoded(name, value)});
            }
        }
        return found;
    }

    private static String decoded(String name, byte[] value) {
        String text = new String(value, StandardCharsets.UTF_8);
        return text.indexOf(REPLACEMENT) < 0 ? text : strict(name, value);
    }

    private static String strict(String name, byte[] value) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(value))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedException("malformed-header", "header " + name + ": not UTF-8 (expected: UTF-8)", e);
        }
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Collects headers in order. For one thread. */
    public static final class Builder {

        private final List<Header> all = new ArrayList<>();

        private Builder() {}

        /** Nothing is added for null. */
        public Builder add(String name, @Nullable Object value) {
            if (value != null) {
                all.add(new Header(name, value.toString().getBytes(StandardCharsets.UTF_8)));
            }
            return this;
        }

        public Builder addAll(Headers headers) {
            all.addAll(headers.all());
            return this;
        }

        public Headers build() {
            return new Headers(all);
        }
    }
}
