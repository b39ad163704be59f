/**
 * The relay role: its process, its settings, and {@link link.ambassador.relay.Relay}, which applies link tables and shuts down.
 *
 * <p>The packages below stand one above the other, and imports only go down: this one, {@code admin} and {@code table}, then
 * {@code proxy}, {@code dial}, and at the bottom {@code dns} and {@code join}. ArchitectureTest holds that.
 *
 * <p>Threads: one event loop serves all connections, and all their state lives on it; a thread of its own watches the table's file.
 * Nothing here blocks the event loop, and nothing here knows Kubernetes, the operator or the webhook. Only {@code Main} starts it.
 */
package link.ambassador.relay;
