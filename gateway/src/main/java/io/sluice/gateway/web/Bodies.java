package io.sluice.gateway.web;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Mono;

/** Request bodies, bounded. */
public final class Bodies {

    private final int maxBytes;

    public Bodies(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** The whole body; an empty array if there is none. Fails with a problem as soon as it is too large. */
    public Mono<byte[]> read(ServerRequest request) {
        long announced = request.headers().contentLength().orElse(-1);
        if (announced > maxBytes) {
            return Mono.error(tooLarge(announced + " bytes"));
        }
        return DataBufferUtils.join(request.exchange().getRequest().getBody(), maxBytes)
                .map(Bodies::bytes)
                .onErrorMap(DataBufferLimitException.class, e -> tooLarge("more than " + maxBytes + " bytes"))
                .defaultIfEmpty(new byte[0]);
    }

    /** The content type; JSON where none is given. */
    public static MediaType type(ServerRequest request) {
        try {
            return request.headers().contentType().orElse(MediaType.APPLICATION_JSON);
        } catch (org.springframework.http.InvalidMediaTypeException e) {
            throw Problem.of(Problem.Kind.UNSUPPORTED_MEDIA_TYPE, "Content-Type: " + e.getMessage())
                    .exception();
        }
    }

    private static byte[] bytes(DataBuffer buffer) {
        try {
            byte[] bytes = new byte[buffer.readableByteCount()];
            buffer.read(bytes);
            return bytes;
        } finally {
            DataBufferUtils.release(buffer);
        }
    }

    private ProblemException tooLarge(String found) {
        return Problem.of(Problem.Kind.TOO_LARGE, "body: " + found + " (expected: at most " + maxBytes + " bytes)")
                .exception();
    }
}
