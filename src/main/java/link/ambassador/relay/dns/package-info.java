/**
 * Resolving: from the host of a target to the addresses that the pod would see, with the files of the pod read at run
 * time. One {@link link.ambassador.relay.dns.PodResolver} lives on one event loop, is called there only and answers
 * there; two local files are read on another thread, looked at no more than once a second. Called by the package
 * {@code dial}; depends on nothing else of the relay.
 */
package link.ambassador.relay.dns;
