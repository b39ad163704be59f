package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/**
 * How far a retarget is that not every relay has at once. Tables follow what is stored here, so a restarted operator and the webhook go on from it.
 *
 * @param targets identifies the retarget
 * @param reason null unless it is paused
 * @param upTo null while no relay has the new targets
 * @param ignoredConnects null when the retarget is complete
 * @param settledAt null until then
 * @param retry null when the annotation was not there
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record RolloutStatus(
        @JsonPropertyDescription("Preflight, Staged, Complete, RolledBack or Paused.") String phase,
        @JsonPropertyDescription("Why it is paused: Held while a hold is on, or FailedConnects.") String reason,
        @JsonPropertyDescription("A short hash of the targets that the retarget leads to.") String targets,
        @JsonPropertyDescription("The generation of the Ambassador when it began.") Long generation,
        @JsonPropertyDescription("The step, counted from 1.") Integer step,
        @JsonPropertyDescription("How many steps there are.") Integer steps,
        @JsonPropertyDescription(
                        "The relays up to this place in the order of relays have the new targets. The place of a relay is the"
                                + " SHA-256 of its pod's uid and the hash of the targets.")
                String upTo,
        @JsonPropertyDescription("When every relay of the step had the new targets, and the pause began.")
                String settledAt,
        @JsonPropertyDescription("How many relays have the new targets.") Integer relaysMoved,
        @JsonPropertyDescription("How many connects to the new targets these relays tried.") Long connects,
        @JsonPropertyDescription("How many of these failed.") Long failed,
        @JsonPropertyDescription(
                        "How many connects do not count, because they were tried before a paused retarget was tried again.")
                Long ignoredConnects,
        @JsonPropertyDescription("How many of these failed.") Long ignoredFailed,
        @JsonPropertyDescription("The annotation ambassador.link/retry when it began.") String retry,
        @JsonPropertyDescription(
                        "The links of the latest retarget that was complete, as the JSON of a link table: the other relays have these.")
                String formerLinks) {

    public static final String PHASE_PREFLIGHT = "Preflight";
    public static final String PHASE_STAGED = "Staged";
    public static final String PHASE_COMPLETE = "Complete";
    public static final String PHASE_ROLLED_BACK = "RolledBack";
    public static final String PHASE_PAUSED = "Paused";
    public static final String REASON_HELD = "Held";
    public static final String REASON_FAILED_CONNECTS = "FailedConnects";

    /** Of a retarget that every relay has. */
    public static RolloutStatus complete(String targets, long generation, String retry, String served) {
        return withoutSteps(PHASE_COMPLETE, targets, generation, retry, served);
    }

    /** Of a retarget that all relays have, or none. */
    public static RolloutStatus withoutSteps(
            String phase, String targets, long generation, String retry, String served) {
        return new RolloutStatus(
                phase, null, targets, generation, null, null, null, null, null, null, null, null, null, retry, served);
    }

    public boolean is(String word) {
        return word.equals(phase);
    }

    /** The same with other links that relays without the new targets have, and in so many steps. */
    public RolloutStatus with(String served, int otherSteps) {
        return at(phase, reason, step, otherSteps, upTo, settledAt, served);
    }

    /** The same retarget, which waits for the end of a hold. The pause of its step begins anew after that. */
    public RolloutStatus held() {
        return at(PHASE_PAUSED, REASON_HELD, step, steps, upTo, null, formerLinks);
    }

    /** Whether it waits for the end of a hold, and for nothing else. */
    public boolean waitsForHold() {
        return is(PHASE_PAUSED) && REASON_HELD.equals(reason);
    }

    /** The same retarget at another point. */
    public RolloutStatus at(String otherPhase, Integer otherStep, String otherUpTo, String otherSettledAt) {
        String why = PHASE_PAUSED.equals(otherPhase) ? REASON_FAILED_CONNECTS : null;
        return at(otherPhase, why, otherStep, steps, otherUpTo, otherSettledAt, formerLinks);
    }

    private RolloutStatus at(
            String otherPhase,
            String otherReason,
            Integer otherStep,
            Integer otherSteps,
            String otherUpTo,
            String otherSettledAt,
            String otherLinks) {
        return new RolloutStatus(
                otherPhase,
                otherReason,
                targets,
                generation,
                otherStep,
                otherSteps,
                otherUpTo,
                otherSettledAt,
                relaysMoved,
                connects,
                failed,
                ignoredConnects,
                ignoredFailed,
                retry,
                otherLinks);
    }

    /**
     * The same retarget with the connects that were counted.
     *
     * @param all of the relays that have the new targets, also those that do not count
     */
    public RolloutStatus counted(int moved, long all, long allFailed) {
        return new RolloutStatus(
                phase,
                reason,
                targets,
                generation,
                step,
                steps,
                upTo,
                settledAt,
                moved,
                without(all, ignoredConnects),
                without(allFailed, ignoredFailed),
                ignoredConnects,
                ignoredFailed,
                retry,
                formerLinks);
    }

    /** A relay that was restarted meanwhile counts from 0. */
    private static long without(long count, Long ignored) {
        return Math.max(0, count - (ignored == null ? 0 : ignored));
    }
}
