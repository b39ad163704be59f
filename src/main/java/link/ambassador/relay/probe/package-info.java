/**
 * Probes: what a link with a health check does to find out whether its targets are healthy. {@link link.ambassador.relay.dial.CheckedTargets}
 * say which targets to probe; a {@link link.ambassador.relay.probe.Prober} probes them in time, and tells what came of it. The package
 * {@code proxy} calls it, on the event loop; only the files of credentials are read by another thread.
 */
package link.ambassador.relay.probe;
