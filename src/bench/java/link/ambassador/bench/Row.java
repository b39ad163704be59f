package link.ambassador.bench;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One line of the table.
 *
 * @param figures by subject; empty if nothing was measured, and the note says why
 * @param ours the subject that is judged
 * @param peers the subjects to compare with: the best of them counts
 */
record Row(
        String what,
        String unit,
        Map<String, Series> figures,
        String ours,
        List<String> peers,
        Optional<Bound> bound,
        String note) {

    static Row of(String what, String unit, Map<String, Series> figures, String ours, List<String> peers, Bound bound) {
        return new Row(what, unit, figures, ours, peers, Optional.of(bound), "");
    }

    /** A row without a bar, of what something costs: less is better. */
    static Row unjudged(String what, String unit, Map<String, Series> figures, String ours, List<String> peers) {
        return new Row(what, unit, figures, ours, peers, Optional.empty(), "");
    }

    static Row notMeasured(String what, String why) {
        return new Row(what, "", Map.of(), "", List.of(), Optional.empty(), why);
    }

    Row withNote(String text) {
        return new Row(what, unit, figures, ours, peers, bound, text);
    }

    Optional<String> bestPeer() {
        Comparator<String> byMedian =
                Comparator.comparingDouble(peer -> figures.get(peer).median());
        boolean higher = bound.map(Bound::higherIsBetter).orElse(false);
        return peers.stream().filter(figures::containsKey).max(higher ? byMedian : byMedian.reversed());
    }

    /** The relay's figure as a multiple of the best peer's. */
    Optional<Series> ratio() {
        return bestPeer().map(peer -> figures.get(ours).over(figures.get(peer)));
    }

    Verdict verdict() {
        if (figures.isEmpty()) {
            return Verdict.NOT_MEASURED;
        }
        return bound.map(b -> b.judge(b.relative() ? ratio().orElseThrow() : figures.get(ours)))
                .orElse(Verdict.NOT_MEASURED);
    }
}
