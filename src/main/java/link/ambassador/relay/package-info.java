/**
 * The relay role: its process, its settings, and {@link link.ambassador.relay.Relay}, which applies link tables and
 * shuts down.
 *
 * <p>The packages are layers, and imports only go down: {@code admin} and {@code table}, this one, then {@code proxy},
 * {@code dial}, and at the bottom {@code dns} and {@code join}. ArchitectureTest checks this.
 *
 * <p>Threads: one event loop serves all connections and owns their state. Another thread watches the table's file.
 * Nothing here blocks the event loop, and nothing here knows Kubernetes, the operator or the webhook. Only {@code Main}
 * starts it.
 */
package link.ambassador.relay;
