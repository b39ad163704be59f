package link.ambassador.operator.status;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import link.ambassador.operator.delivery.RelayStatus;
import link.ambassador.operator.delivery.RelayStatus.HoldAnswer;
import link.ambassador.operator.delivery.RelayStatus.LinkAnswer;
import link.ambassador.operator.delivery.RelaySync.SyncState;

/**
 * What the relays that serve now answered about one hold.
 *
 * @param all how many there are
 * @param pending those that were not polled for the revision yet
 * @param unreachable those that did not answer
 * @param holding those that hold every link that is to be held; after the hold's end those that still hold one
 * @param expired those that have ended it because of its timeout
 * @param connections sums, and the longest wait
 * @param missing why one of them does not hold, or still has connections; empty when each holds and has none
 */
record HeldRelays(
        int all,
        int pending,
        int unreachable,
        int holding,
        int expired,
        Connections connections,
        Optional<String> missing) {

    /** Connections of held links. */
    record Connections(long held, long left, long inAll, Duration longestWait) {
        private static final Connections NONE = new Connections(0, 0, 0, Duration.ZERO);

        private Connections plus(HoldAnswer hold) {
            return new Connections(
                    held + hold.connectionsHeld(),
                    left + hold.connectionsLeft(),
                    inAll + hold.connectionsInAll(),
                    longestWait.compareTo(hold.longestWait()) < 0 ? hold.longestWait() : longestWait);
        }
    }

    /** @param ports the listen ports of the links that are to be held; empty after the hold's end */
    static HeldRelays of(List<ObservedRelay> serving, Instant startedAt, Set<Integer> ports) {
        int pending = 0;
        int unreachable = 0;
        int holding = 0;
        int expired = 0;
        Connections connections = Connections.NONE;
        Optional<String> missing = Optional.empty();
        for (ObservedRelay relay : serving) {
            pending += relay.is(SyncState.PENDING) ? 1 : 0;
            unreachable += relay.is(SyncState.UNREACHABLE) ? 1 : 0;
            List<LinkAnswer> links = relay.sync().answer().map(RelayStatus::links).orElse(List.of()).stream()
                    .filter(link -> hold(link, startedAt).isPresent())
                    .toList();
            Set<Integer> held = links.stream()
                    .filter(link ->
                            hold(link, startedAt).filter(HoldAnswer::isHolding).isPresent())
                    .map(LinkAnswer::listen)
                    .collect(Collectors.toSet());
            boolean holds = !held.isEmpty() && held.containsAll(ports);
            holding += holds ? 1 : 0;
            expired += links.stream().flatMap(link -> link.hold().stream()).anyMatch(HoldAnswer::isExpired) ? 1 : 0;
            long left = 0;
            for (LinkAnswer link : links) {
                connections = connections.plus(link.hold().get());
                left += link.hold().get().connectionsLeft();
            }
            if (missing.isEmpty()) {
                missing = missing(relay, holds, left);
            }
        }
        return new HeldRelays(serving.size(), pending, unreachable, holding, expired, connections, missing);
    }

    private static Optional<HoldAnswer> hold(LinkAnswer link, Instant startedAt) {
        return link.hold().filter(hold -> hold.startedAt().equals(startedAt));
    }

    private static Optional<String> missing(ObservedRelay relay, boolean holds, long left) {
        String name = relay.pod().name();
        if (!holds) {
            String sentence = relay.sync().sentence();
            return Optional.of(name + " " + (sentence.isEmpty() ? "does not hold" : sentence));
        }
        return left > 0 ? Optional.of(name + " has " + left + " left") : Optional.empty();
    }

    boolean allHold() {
        return holding == all;
    }

    /** Whether each that does not hold did not answer. */
    boolean onlyUnreachableMissing() {
        return holding < all && holding + unreachable == all;
    }
}
