/**
 * The links that are served: their listeners, their sessions, and what a change of the targets does to them. Everything
 * runs on the event loop. {@link link.ambassador.relay.Relay} calls it; the admin port reads its snapshots.
 */
package link.ambassador.relay.proxy;
