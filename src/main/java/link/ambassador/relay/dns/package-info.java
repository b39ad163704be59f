/**
 * Resolving: from the host of a target to the addresses that the pod would see, with the pod's files as they are now.
 * {@link link.ambassador.relay.dns.PodResolver} is called on one event loop and answers there. Another thread reads the
 * two files, at most once a second. Called by the package {@code dial}; depends on nothing else of the relay.
 */
package link.ambassador.relay.dns;
