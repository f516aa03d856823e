package io.sluice.gateway.journal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.r2dbc.postgresql.client.EncodedParameter;
import io.r2dbc.postgresql.codec.Codec;
import io.r2dbc.postgresql.extension.CodecRegistrar;
import io.r2dbc.postgresql.message.Format;
import io.sluice.gateway.journal.Columns.Parameter;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Brings {@link Columns} to PostgreSQL as they are: whatever bytes it is given, the driver sends as hexadecimal text. */
final class ColumnCodec implements Codec<Parameter> {

    static final CodecRegistrar REGISTRAR =
            (connection, allocator, codecs) -> Mono.fromRunnable(() -> codecs.addLast(new ColumnCodec()));

    private ColumnCodec() {}

    @Override
    public boolean canEncode(Object value) {
        return value instanceof Parameter;
    }

    @Override
    public EncodedParameter encode(Object value) {
        Parameter parameter = (Parameter) value;
        return encode(value, parameter.type());
    }

    @Override
    public EncodedParameter encode(Object value, int dataType) {
        ByteBuf array = Unpooled.wrappedBuffer(((Parameter) value).array());
        return new EncodedParameter(Format.FORMAT_BINARY, dataType, Mono.just(array));
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
    public @Nullable Parameter decode(
            @Nullable ByteBuf buffer, int dataType, Format format, Class<? extends Parameter> type) {
        throw new UnsupportedOperationException("decode (expected: encode)");
    }
}
