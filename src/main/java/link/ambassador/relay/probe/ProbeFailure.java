package link.ambassador.relay.probe;

import link.ambassador.config.Target;

/**
 * Why a probe failed.
 *
 * @param why a sentence
 * @param isAnswer whether the target answered, and not as it has to
 */
record ProbeFailure(String why, boolean isAnswer) {
    /** The same, with the target's name in front. */
    ProbeFailure of(Target target) {
        return new ProbeFailure(target + ": " + why, isAnswer);
    }
}
