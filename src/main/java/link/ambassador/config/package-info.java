/**
 * The contract between the relay and the operator: links, the link table and its JSON, link variables, and the names of
 * labels and annotations that one writes and the other reads. Also how both read their settings.
 *
 * <p>Everything here is an immutable value or a pure function. Call it from any thread.
 */
package link.ambassador.config;
