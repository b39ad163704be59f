package link.ambassador.relay.proxy;

import java.util.Map;
import java.util.Optional;
import link.ambassador.config.Target;
import link.ambassador.relay.dial.CheckedTargets;
import link.ambassador.relay.probe.Prober;

/**
 * What a link with a health check knew at one moment.
 *
 * @param inUse the target that new connections prefer; empty before it is known, and with weights
 * @param failovers how often that became another one
 */
public record HealthSnapshot(
        Map<Target, CheckedTargets.Snapshot> targets, Optional<Target> inUse, long failovers, Prober.Counts probes) {}
