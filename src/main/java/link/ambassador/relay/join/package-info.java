/**
 * How bytes go through: two of Netty's channels, joined.
 *
 * <p>{@code NetServer} accepts and {@code NetClient} connects. What they accept and connect are channels of {@link
 * link.ambassador.relay.join.RelaySockets}, which a {@link link.ambassador.relay.join.RelayTransport} gives them; a {@link
 * link.ambassador.relay.join.Endpoint} takes the place of Vert.x' handler on each, because a {@code NetSocket} cannot half-close,
 * turns a reset into a clean end, and copies every byte twice more than needed.
 *
 * <p>On epoll a chunk is received into the one buffer of the loop and sent from there: nothing is allocated for it, and what
 * the peer does not take at once is all that is kept. A direction in which {@link link.ambassador.relay.join.BulkDetector} sees bulk is
 * spliced: the {@link link.ambassador.relay.join.Splicer} fills a {@link link.ambassador.relay.join.Pipe} instead, and what the peer
 * leaves in it is a {@link link.ambassador.relay.join.PipeRegion}, which Netty writes like any buffer. So order, back-pressure,
 * the byte budget and the end of a stream are the same code for both. The end and the errors of an input are told by a
 * read into the buffer alone, which follows whenever there was nothing to splice.
 *
 * <p>Both endpoints of a {@link link.ambassador.relay.join.ProxiedConnection} live on one event loop, and every method here is called on it.
 */
package link.ambassador.relay.join;
