package link.ambassador.relay.dial;

import link.ambassador.config.Target;

/** Told of every target that was tried, once each, on the event loop of the dial. */
@FunctionalInterface
public interface DialListener {
    DialListener NONE = (target, result, nanos) -> {};

    /**
     * A target was tried.
     *
     * @param nanos from the start of this target's try, resolving included
     */
    void attempted(Target target, DialResult result, long nanos);
}
