/**
 * The operator's half of sidecars: which pods there are, the table that each of them is to serve, its way into the pod, and
 * what an Ambassador's status tells of it. The pods themselves are made by others; the webhook puts the relays in.
 *
 * <p>One writer per pod: {@link link.ambassador.operator.sidecar.PodTableWriter} computes the table of a pod from all Ambassadors
 * that select it and writes it, on one Vert.x context; events of pods and Ambassadors only say which pods to look at again.
 * Informers call on their own threads, reconciles read from any.
 */
package link.ambassador.operator.sidecar;
