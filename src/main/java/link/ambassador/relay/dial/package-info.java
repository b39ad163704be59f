/**
 * Dialing: from the targets of a link to one open upstream connection. A {@link
 * link.ambassador.relay.dial.Connector} opens the sockets. One {@link link.ambassador.relay.dial.Dial} belongs to
 * one downstream connection. All dials of a link share a {@link link.ambassador.relay.dial.TargetHealth}. Everything
 * here is called on the event loop by the package {@code proxy}; only the admin port reads the health from another
 * thread.
 */
package link.ambassador.relay.dial;
