package io.sluice.gateway.journal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.r2dbc.postgresql.client.EncodedParameter;
import io.r2dbc.postgresql.codec.Codec;
import io.r2dbc.postgresql.extension.CodecRegistrar;
import io.r2dbc.postgresql.message.Format;
import io.sluice.gateway.journal.Columns.ArrayParameter;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Brings {@link Columns} to PostgreSQL as they are: whatever bytes it is given, the driver sends as hexadecimal text. */
final class ColumnCodec implements Codec<ArrayParameter> {

    static final CodecRegistrar REGISTRAR =
            (connection, allocator, codecs) -> Mono.fromRunnable(() -> codecs.addLast(new ColumnCodec()));

    private ColumnCodec() {}

    @Override
    public boolean canEncode(Object value) {
        return value instanceof ArrayParameter;
    }

    @Override
    public EncodedParameter encode(Object value) {
        return encode(value, ((ArrayParameter) value).type());
    }

    @Override
    public EncodedParameter encode(Object value, int dataType) {
        ByteBuffer array = ((ArrayParameter) value).array();
        return new EncodedParameter(
                Format.FORMAT_BINARY, dataType, Mono.fromSupplier(() -> Unpooled.wrappedBuffer(array)));
    }

    @Override
    public boolean canEncodeNull(Class<?> type) {
        return false;
    }

    @Override
    public EncodedParameter encodeNull() {
        throw new UnsupportedOperationException("encode null (expected: a value)");
    }

    @Override
    public boolean canDecode(int dataType, Format format, Class<?> type) {
        return false;
    }

    @Override
    public @Nullable ArrayParameter decode(
            @Nullable ByteBuf buffer, int dataType, Format format, Class<? extends ArrayParameter> type) {
        throw new UnsupportedOperationException("decode (expected: encode)");
    }
}
