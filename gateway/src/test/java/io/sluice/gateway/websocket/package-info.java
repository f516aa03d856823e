/** The protocol of one WebSocket client, against a socket and contexts that are kept in memory. */
@NullMarked
package io.sluice.gateway.websocket;

import org.jspecify.annotations.NullMarked;
