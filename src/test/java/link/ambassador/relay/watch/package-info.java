/** Checks that apply to every test of the relay: no unexpected log line, and no stall of the event loop. */
package link.ambassador.relay.watch;
