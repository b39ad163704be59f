/**
 * TLS of links. Vert.x' sockets accept and connect as for every link; then the handlers that Vert.x itself would use for TLS are put
 * on the channel here, because Vert.x cannot talk to the peer before the handshake (PostgreSQL), cannot bound how many handshakes run,
 * and does not say why one failed.
 *
 * <p>A {@link link.ambassador.relay.tls.LinkTls} is made for the first link that has TLS. Before that nothing that does TLS is loaded:
 * neither BoringSSL nor the classes of its handshakes. Everything here is called on the event loop; what reads files, parses or verifies certificates
 * runs on the worker thread.
 */
package link.ambassador.relay.tls;
