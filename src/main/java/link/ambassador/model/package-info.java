/**
 * What the operator and the webhook must decide alike: the table of one Ambassador, the table of a pod, which is made of all
 * Ambassadors that select it, which pods can have a relay, and what a relay's container looks like.
 *
 * <p>No I/O, no clock, no state: equal arguments give equal results, from any thread.
 */
package link.ambassador.model;
