/**
 * How bytes go through: two channels joined below Vert.x' buffers.
 *
 * <p>{@code NetServer} accepts and {@code NetClient} connects, but Vert.x' sockets cannot half-close, turn a reset into a
 * clean end, and copy every byte twice more than needed. So a {@link link.ambassador.relay.join.RelayTransport} sets
 * half-closure, reads on demand and level-triggered epoll when a channel is registered, and a
 * {@link link.ambassador.relay.join.Leg} stands before Vert.x' own handler and passes nothing on to it but the end.
 *
 * <p>Small messages are read into a buffer and written from it. A direction that carries {@link link.ambassador.relay.join.Bulk}
 * is spliced: the {@link link.ambassador.relay.join.Splicer} fills a {@link link.ambassador.relay.join.Pipe} at the moment when
 * Netty would allocate a buffer for a read, and hands Netty {@link link.ambassador.relay.join.PipedBytes} to write. So order,
 * back-pressure, the byte budget and the end of a stream are the same code for both. The end and the errors of an input are
 * told by a read into a buffer alone, which follows whenever there was nothing to splice.
 *
 * <p>Both legs of a {@link link.ambassador.relay.join.Join} live on one event loop, and every method here is called on it.
 */
package link.ambassador.relay.join;
