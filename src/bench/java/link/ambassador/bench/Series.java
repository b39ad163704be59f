package link.ambassador.bench;

import java.util.List;
import java.util.stream.IntStream;

/** One figure for each round, in order. */
record Series(List<Double> rounds) {
    double median() {
        List<Double> sorted = rounds.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    double min() {
        return rounds.stream().min(Double::compare).orElseThrow();
    }

    double max() {
        return rounds.stream().max(Double::compare).orElseThrow();
    }

    /** Round by round, because a disturbance of a round affects both. */
    Series over(Series other) {
        return new Series(IntStream.range(0, rounds.size())
                .mapToObj(i -> rounds.get(i) / other.rounds.get(i))
                .toList());
    }
}
