package link.ambassador.model;

import io.fabric8.kubernetes.api.model.IntOrString;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import link.ambassador.api.v1alpha1.FailureThresholdSpec;
import link.ambassador.api.v1alpha1.StagedSpec;
import link.ambassador.api.v1alpha1.StepSpec;
import link.ambassador.config.DurationSyntax;

/**
 * The steps of a staged retarget, read from a spec. What the API server would not have let through is read as if it had been left out.
 *
 * @param mostFailedPercent of the connects
 */
public record RolloutPlan(List<Step> steps, int mostFailedPercent, int minConnects, boolean rollsBack) {
    /** How often the connects of a step are counted. */
    public static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

    private static final int FAILED_PERCENT = 1;
    private static final int MIN_CONNECTS = 20;

    /**
     * One step.
     *
     * @param number of relays, or percent of them
     */
    public record Step(int number, boolean percent, Duration pause) {
        /** How many of {@code relays} have the new targets in this step. */
        public int of(int relays) {
            return (int) Math.min(relays, percent ? ((long) relays * number + 99) / 100 : number);
        }

        /** Whether it is for relays too that are not there yet. */
        public boolean isAll() {
            return percent && number >= 100;
        }
    }

    public static RolloutPlan of(StagedSpec spec) {
        List<Step> steps = Optional.ofNullable(spec.steps()).orElse(List.of()).stream()
                .map(RolloutPlan::step)
                .toList();
        Optional<FailureThresholdSpec> threshold = Optional.ofNullable(spec.failureThreshold());
        return new RolloutPlan(
                steps.isEmpty() ? List.of(new Step(100, true, Duration.ZERO)) : steps,
                threshold
                        .map(FailureThresholdSpec::failedConnects)
                        .flatMap(RolloutPlan::percent)
                        .orElse(FAILED_PERCENT),
                threshold.map(FailureThresholdSpec::minConnects).orElse(MIN_CONNECTS),
                !"Pause".equals(spec.onFailure()));
    }

    /**
     * The step of this number; the last one when there are fewer.
     *
     * @param number from 1
     */
    public Step step(int number) {
        return steps.get(Math.min(number, steps.size()) - 1);
    }

    /** Whether so many failed connects end the steps. */
    public boolean isExceededBy(long connects, long failed) {
        return connects >= minConnects && failed * 100 > connects * mostFailedPercent;
    }

    private static Step step(StepSpec spec) {
        IntOrString relays = Optional.ofNullable(spec.relays()).orElse(new IntOrString("100%"));
        Duration pause = DurationSyntax.parse(String.valueOf(spec.pause())).orElse(Duration.ZERO);
        return relays.getIntVal() == null
                ? new Step(percent(relays.getStrVal()).orElse(100), true, pause)
                : new Step(Math.max(1, relays.getIntVal()), false, pause);
    }

    private static Optional<Integer> percent(String text) {
        return text != null && text.matches("[0-9]{1,3}%")
                ? Optional.of(Math.min(100, Integer.parseInt(text.substring(0, text.length() - 1))))
                : Optional.empty();
    }
}
