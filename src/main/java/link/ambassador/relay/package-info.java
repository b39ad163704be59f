/**
 * The data path and its lifecycle: listeners, joined connections, dialing, names, the admin port.
 *
 * <p>Threads: a relay has one event loop unless told otherwise, and all state of a connection lives on the loop that
 * accepted it; the link table's file is followed by a thread of its own. Nothing here blocks an event loop, and nothing
 * here knows Kubernetes, the operator or the webhook: a relay lives from its link table alone. Only {@code Main} starts it.
 */
package link.ambassador.relay;
