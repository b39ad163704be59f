/**
 * What both halves say to each other: links, the link table, its JSON, and the link variables of the environment.
 *
 * <p>Everything here is an immutable value or a pure function, and may be called from any thread.
 */
package link.ambassador.link;
