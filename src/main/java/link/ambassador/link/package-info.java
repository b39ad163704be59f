/**
 * What both halves say to each other: links, the link table, its JSON, the link variables of the environment, and names:
 * labels, annotations and variables that one half writes and the other reads; and how both read their settings.
 *
 * <p>Everything here is an immutable value or a pure function, and may be called from any thread.
 */
package link.ambassador.link;
