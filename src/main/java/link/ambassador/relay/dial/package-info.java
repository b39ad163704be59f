/**
 * Dialing: from the targets of a link to one open upstream connection. It knows nothing of sockets: a
 * {@link link.ambassador.relay.dial.Connector} opens them. One {@link link.ambassador.relay.dial.Dial} belongs to one
 * downstream connection and lives on its event loop, where all of it is called;
 * {@link link.ambassador.relay.dial.TargetHealth} is shared by all dials of a link, on any thread. Called by the package
 * {@code proxy}; the admin port reads the health.
 */
package link.ambassador.relay.dial;
