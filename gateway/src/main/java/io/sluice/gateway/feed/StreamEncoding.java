package io.sluice.gateway.feed;

import io.sluice.backpressure.Encoding;

/** How a feed looks as the body of an answer. */
sealed interface StreamEncoding extends Encoding permits SseEncoding, GzipEncoding {

    /** The first bytes of a stream: without any, proxies and some clients wait. */
    byte[] greeting();

    /** Whether the bytes are gzip, and have to be called so. */
    boolean isCompressed();
}
