/**
 * What the operator and the webhook must decide in the same way: the table of one Ambassador; the table of a pod, from all Ambassadors
 * that select it; which pods can have a relay; and what a relay's container looks like.
 *
 * <p>No I/O, no clock, no state: equal arguments give equal results, from any thread.
 */
package link.ambassador.model;
