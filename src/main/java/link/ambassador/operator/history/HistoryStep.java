package link.ambassador.operator.history;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.operator.status.ObservedState;

/** What is to be written into the history of an Ambassador after a reconcile. A pure decision. */
sealed interface HistoryStep {
    /** How many retargets of an Ambassador are remembered. */
    int MOST = 10;

    /** Nothing is new. */
    record Nothing() implements HistoryStep {}

    /** A retarget has begun. */
    record Began(Retarget retarget) implements HistoryStep {}

    /** The latest retarget has reached every relay. */
    record Converged(Retarget retarget, Instant at) implements HistoryStep {}

    /**
     * The next step. The newest remembered retarget says what relays were to serve last. So a retarget that an operator saw, and did not
     * come to remember, is remembered by the next one.
     *
     * @param newest the newest remembered retarget; empty when none is remembered
     * @param tables what relays served before this reconcile, and what they are to serve now
     * @param changedBy the field manager of the spec
     * @param convergedAt when every relay had acknowledged what they are to serve; empty while some have not
     */
    static HistoryStep next(
            Optional<Retarget> newest,
            ObservedState.Reconcile reconcile,
            ObservedState.Tables tables,
            String changedBy,
            Optional<Instant> convergedAt) {
        Optional<List<Link>> now = tables.served().map(LinkTable::links);
        Optional<List<Link>> before =
                newest.map(Retarget::after).or(() -> tables.before().map(LinkTable::links));
        if (now.isEmpty() || before.isEmpty()) {
            return new Nothing();
        }
        if (!Retarget.targets(now.get()).equals(Retarget.targets(before.get()))) {
            return newest.filter(retarget -> retarget.generation() >= reconcile.generation())
                            .isPresent()
                    ? new Nothing()
                    : new Began(new Retarget(
                            reconcile.generation(),
                            before.get(),
                            now.get(),
                            changedBy,
                            reconcile.now(),
                            Optional.empty()));
        }
        return newest.filter(retarget -> retarget.convergedAt().isEmpty() && convergedAt.isPresent())
                .<HistoryStep>map(retarget -> new Converged(retarget, convergedAt.get()))
                .orElseGet(Nothing::new);
    }
}
