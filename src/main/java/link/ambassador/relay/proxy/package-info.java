/**
 * A link that is served: its listeners, its sessions, and what a change of its targets does to them. Everything lives on the
 * event loop. Called by {@link link.ambassador.relay.Relay}; the admin port reads its snapshots.
 */
package link.ambassador.relay.proxy;
