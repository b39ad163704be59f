/**
 * The operator's half of sidecars: which pods there are, the table that each pod is to serve, how the table gets into the pod, and what
 * an Ambassador's status reports about that. Users create the pods; the webhook injects the relays.
 *
 * <p>Each pod has one writer: {@link link.ambassador.operator.sidecar.PodTableWriter} makes the pod's table from all Ambassadors that
 * select the pod, and writes it, on one Vert.x context. Events of pods and Ambassadors only say which pods to reconcile again.
 * Informers call on their own threads, and reconciles read from any thread.
 */
package link.ambassador.operator.sidecar;
