/**
 * How bytes go through: two Netty channels, joined.
 *
 * <p>{@code NetServer} accepts and {@code NetClient} connects channels of {@link
 * link.ambassador.relay.join.RelaySockets}, which {@link link.ambassador.relay.join.RelayTransport} gives them. A
 * {@link link.ambassador.relay.join.Endpoint} takes the place of Vert.x' handler on each channel: a {@code NetSocket}
 * cannot half-close, turns a reset into a clean end, and copies every byte two more times.
 *
 * <p>On epoll, a chunk is received into the one buffer of the loop and sent from there. Nothing is allocated for it,
 * and only what the peer does not take at once is kept. When {@link link.ambassador.relay.join.BulkDetector} finds bulk
 * in a direction, the direction is spliced: the {@link link.ambassador.relay.join.Splicer} fills a {@link
 * link.ambassador.relay.join.Pipe}, and what the peer leaves in it is a {@link link.ambassador.relay.join.PipeRegion},
 * which Netty writes like a buffer. So both ways share the code for order, back-pressure, the byte budget and the end
 * of a stream. Only a read into the buffer finds the end or the error of an input; it follows whenever there was
 * nothing to splice.
 *
 * <p>Both endpoints of a {@link link.ambassador.relay.join.ProxiedConnection} live on one event loop, and every method
 * here is called on it.
 */
package link.ambassador.relay.join;
