/**
 * What the operator and the webhook must say alike, so both come here for it: the table of one Ambassador, the table of one
 * pod, which is made of all Ambassadors that select it, which pods can have a relay, and what a relay is in a cluster.
 *
 * <p>No I/O, no clock, nothing kept: equal arguments give equal results, from any thread.
 */
package link.ambassador.tables;
