/**
 * The admin port: probes, {@code /links} and {@code /metrics}. Requests and snapshots of the relay are handled on the
 * event loop; a worker thread writes the documents. Called by the relay's process.
 */
package link.ambassador.relay.admin;
