/**
 * The PROXY protocol (https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt): the header with which one side of a connection tells
 * the other for whom it connects. Everything here is called on the event loop.
 *
 * <p>A header is read byte for byte, so that what comes behind it stays in the kernel: the connection then goes on like one without
 * a header, and is spliced like one. That is why Netty's codec is not used, which reads what it gets and keeps the connection in a
 * pipeline. Tests compare the two.
 */
package link.ambassador.relay.proxyprotocol;
