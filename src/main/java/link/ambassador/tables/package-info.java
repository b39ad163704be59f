/**
 * From Ambassadors to link tables: what the operator writes and what the webhook injects must be the same, so both come
 * here for it. The table of one Ambassador, and the table of one pod, which is made of all Ambassadors that select it.
 *
 * <p>No I/O, no clock, nothing kept: equal arguments give equal results, from any thread.
 */
package link.ambassador.tables;
