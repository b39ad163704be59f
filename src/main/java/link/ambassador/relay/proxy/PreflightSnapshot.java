package link.ambassador.relay.proxy;

import link.ambassador.config.Target;

/**
 * The preflight of a link at one moment.
 *
 * @param candidate whether the link does not have the target, and does not get it when it answers
 * @param sentence why the target is unreachable, for a person; empty otherwise
 * @param dials how often it was dialled
 * @param sinceNanos when that began, by {@link System#nanoTime}
 * @param lastNanos when it answered, or did not, the last time; without a meaning while it is first dialled
 */
public record PreflightSnapshot(
        Target target,
        boolean candidate,
        LinkPreflight.State state,
        String sentence,
        long dials,
        long sinceNanos,
        long lastNanos) {}
