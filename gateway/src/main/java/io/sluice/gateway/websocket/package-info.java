/**
 * The client protocol of Centrifuge, version 2, in JSON: what clients say, what they are told, and the state of one client.
 * Values and a state machine; whoever wires it brings the socket ({@link io.sluice.gateway.websocket.ClientConnection}) and the
 * contexts ({@link io.sluice.gateway.websocket.Contexts}).
 *
 * <p>May import: the JDK, Jackson's tree model, Reactor's types, {@code resolver}, {@code backpressure}. No Spring, no Netty.
 */
@NullMarked
package io.sluice.gateway.websocket;

import org.jspecify.annotations.NullMarked;
