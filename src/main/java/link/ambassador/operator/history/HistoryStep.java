package link.ambassador.operator.history;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.operator.status.EndedConnections;
import link.ambassador.operator.status.ObservedState;

/** What is to be written into the history of an Ambassador after a reconcile. A pure decision. */
sealed interface HistoryStep {
    /** How many retargets of an Ambassador are remembered. */
    int MOST = 10;

    /** Nothing is new. */
    record Nothing() implements HistoryStep {}

    /** A retarget has begun. */
    record Began(Retarget retarget) implements HistoryStep {}

    /** The latest retarget has an outcome, or another one than before. */
    record Ended(Retarget retarget, Ending ending) implements HistoryStep {}

    /**
     * How a retarget ended. One that failed may be tried again.
     *
     * @param outcome as in {@code status.lastRetarget}
     * @param convergedAt when every relay had acknowledged it; empty when it failed
     * @param connections what it did to them; empty when that is not known
     */
    record Ending(String outcome, Optional<Instant> convergedAt, Optional<EndedConnections> connections) {}

    /**
     * The next step. The newest remembered retarget says what relays were to serve last. So a retarget that an operator saw, and did not
     * come to remember, is remembered by the next one.
     *
     * @param newest the newest remembered retarget; empty when none is remembered
     * @param tables what relays served before this reconcile, and what they are to serve now
     * @param changedBy the field manager of the spec
     * @param ending of the retarget to what they are to serve; empty while it is on its way
     */
    static HistoryStep next(
            Optional<Retarget> newest,
            ObservedState.Reconcile reconcile,
            ObservedState.Tables tables,
            String changedBy,
            Optional<Ending> ending) {
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
                            Optional.empty(),
                            Optional.empty()));
        }
        return newest.filter(retarget -> retarget.convergedAt().isEmpty()
                        && ending.isPresent()
                        && !ending.map(Ending::outcome).equals(retarget.outcome()))
                .<HistoryStep>map(retarget -> new Ended(retarget, ending.get()))
                .orElseGet(Nothing::new);
    }
}
