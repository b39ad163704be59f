package link.ambassador.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Plays a trial with each contender in turn, round after round: what disturbs the machine disturbs them all. */
record Rounds(int rounds, PrintStream progress) {
    /** One turn of one contender. */
    interface Trial {
        /** The figures by their names; the same names each time. */
        Map<String, Double> play(Subject contender) throws Exception;
    }

    /**
     * A first round is played and forgotten: caches and compilers are warm then.
     *
     * @return by figure, then by contender
     */
    Map<String, Map<String, Series>> play(String what, List<Subject> contenders, Trial trial) throws Exception {
        Map<String, Map<String, List<Double>>> figures = new LinkedHashMap<>();
        for (int round = 0; round <= rounds; round++) {
            progress.printf("%s: round %d of %d%n", what, round, rounds);
            for (Subject contender : contenders) {
                Map<String, Double> turn = turn(contender, trial);
                if (round > 0) {
                    turn.forEach((figure, value) -> figures.computeIfAbsent(figure, f -> new LinkedHashMap<>())
                            .computeIfAbsent(contender.name(), c -> new ArrayList<>())
                            .add(value));
                }
            }
        }
        Map<String, Map<String, Series>> table = new LinkedHashMap<>();
        figures.forEach((figure, byContender) -> byContender.forEach((contender, values) ->
                table.computeIfAbsent(figure, f -> new LinkedHashMap<>()).put(contender, new Series(values))));
        return table;
    }

    /** A figure of a contender that failed in the middle would be no figure. */
    private static Map<String, Double> turn(Subject contender, Trial trial) throws Exception {
        try {
            return trial.play(contender);
        } catch (IOException | UncheckedIOException e) {
            throw new IOException("through " + contender.name() + ": " + e.getMessage(), e);
        }
    }
}
