package link.ambassador.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs a trial with each subject in turn, round after round, so that a disturbance of the machine affects them all. */
record Rounds(int rounds, PrintStream progress) {
    /** One turn of one subject. */
    interface Trial {
        /** The figures by name; the same names each time. */
        Map<String, Double> run(Subject subject) throws Exception;
    }

    /**
     * Runs all rounds, after one round to warm up caches and compilers.
     *
     * @return by figure, then by subject
     */
    Map<String, Map<String, Series>> run(String what, List<Subject> subjects, Trial trial) throws Exception {
        Map<String, Map<String, List<Double>>> figures = new LinkedHashMap<>();
        for (int round = 0; round <= rounds; round++) {
            progress.printf("%s: round %d of %d%n", what, round, rounds);
            for (Subject subject : subjects) {
                Map<String, Double> turn = turn(subject, trial);
                if (round > 0) {
                    turn.forEach((figure, value) -> figures.computeIfAbsent(figure, f -> new LinkedHashMap<>())
                            .computeIfAbsent(subject.name(), c -> new ArrayList<>())
                            .add(value));
                }
            }
        }
        Map<String, Map<String, Series>> table = new LinkedHashMap<>();
        figures.forEach((figure, bySubject) -> bySubject.forEach((subject, values) ->
                table.computeIfAbsent(figure, f -> new LinkedHashMap<>()).put(subject, new Series(values))));
        return table;
    }

    /** Fails if a subject has ended, because its figure would be meaningless. */
    private static Map<String, Double> turn(Subject subject, Trial trial) throws Exception {
        try {
            return trial.run(subject);
        } catch (IOException | UncheckedIOException e) {
            throw new IOException("through " + subject.name() + ": " + e.getMessage(), e);
        }
    }
}
