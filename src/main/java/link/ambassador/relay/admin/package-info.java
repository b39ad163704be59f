/**
 * The admin port: probes, {@code /links} and {@code /metrics}, made of snapshots of the relay. Everything runs on the event loop;
 * documents of many links are written in parts, so that no turn of the loop is long. Called by the relay's process.
 */
package link.ambassador.relay.admin;
