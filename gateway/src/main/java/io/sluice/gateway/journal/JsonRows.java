package io.sluice.gateway.journal;

import io.r2dbc.postgresql.codec.Json;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A JSON array of flat objects, written as it comes: no tree is made of what may be thousands of rows. Not safe for use by several
 * threads.
 */
final class JsonRows implements Row {

    private static final JsonFactory FACTORY = new JsonFactory();
    private static final int BYTES = 1 << 14;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(BYTES);
    private final JsonGenerator generator = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes);
    private boolean open;

    JsonRows() {
        generator.writeStartArray();
    }

    @Override
    public JsonRows next() {
        end();
        open = true;
        generator.writeStartObject();
        return this;
    }

    private void end() {
        if (open) {
            generator.writeEndObject();
        }
    }

    @Override
    public JsonRows put(String column, @Nullable String value) {
        if (value != null) {
            generator.writeStringProperty(column, value);
        }
        return this;
    }

    @Override
    public JsonRows put(String column, long value) {
        generator.writeNumberProperty(column, value);
        return this;
    }

    @Override
    public JsonRows put(String column, Instant value) {
        return put(column, value.toString());
    }

    @Override
    public JsonRows put(String column, byte[] utf8) {
        generator.writeName(column);
        generator.writeUTF8String(utf8, 0, utf8.length);
        return this;
    }

    /** All rows, as a parameter of a statement. Nothing can be put any more. */
    Json parameter() {
        end();
        generator.writeEndArray();
        generator.close();
        return Json.of(bytes.toByteArray());
    }
}
