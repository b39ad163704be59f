/**
 * How bytes go through: two channels joined below Vert.x' buffers.
 *
 * <p>{@code NetServer} accepts and {@code NetClient} connects, but Vert.x' sockets cannot half-close, turn a reset into a
 * clean end, and copy every byte twice more than needed. So a {@link link.ambassador.relay.join.RelayTransport} sets
 * half-closure, reads on demand and level-triggered epoll when a channel is registered, and a
 * {@link link.ambassador.relay.join.Leg} stands before Vert.x' own handler and passes nothing on to it but the end.
 *
 * <p>Both legs of a {@link link.ambassador.relay.join.Join} live on one event loop, and every method here is called on it.
 */
package link.ambassador.relay.join;
