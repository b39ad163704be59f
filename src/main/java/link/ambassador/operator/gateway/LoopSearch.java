package link.ambassador.operator.gateway;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import link.ambassador.config.Link;
import link.ambassador.config.Target;

/**
 * Searches for loops that connections would run in through several gateways.
 *
 * <p>A place is a port of a gateway; a step leads from it to the port of a gateway that one of its targets names. The steps of the
 * gateway that is judged are those of its spec; the steps of the others are those of their specs and of what they serve. A step is
 * <i>pending</i> while its gateway does not serve it.
 *
 * <p>One gateway of each loop must give way, and each decides alone, maybe at the same moment. So it is always the gateway that all would
 * choose: the newest of those whose step is pending, because what works already must go on; the newest of all if no step is pending.
 */
final class LoopSearch {
    private static final Comparator<Gateway> BY_AGE =
            Comparator.comparing(Gateway::createdAt).thenComparing(Gateway::uid);

    private final Gateway own;
    private final GatewayHosts hosts;

    /** The steps from each place, found once for all searches. */
    private final Map<Place, List<Step>> steps = new HashMap<>();

    /** Places from which no way leads back to the start, by the start and the kind of its first step. */
    private final Map<Start, Set<Place>> deadEnds = new HashMap<>();

    private Optional<Boolean> anyWayBack = Optional.empty();

    LoopSearch(Gateway own, GatewayHosts hosts) {
        this.own = own;
        this.hosts = hosts;
    }

    /** A port of a gateway. */
    record Place(Gateway gateway, int port) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Place place
                    && port == place.port
                    && gateway.uid().equals(place.gateway.uid());
        }

        @Override
        public int hashCode() {
            return Objects.hash(gateway.uid(), port);
        }

        @Override
        public String toString() {
            return gateway.name() + "." + gateway.namespace() + ":" + port;
        }
    }

    private record Step(Place to, boolean pending) {}

    private record Start(Place place, boolean pending) {}

    /**
     * The shortest loop through {@code target} of {@code link} for which {@code own} must give way: its places, from the gateway's own
     * port back to that port.
     */
    Optional<List<Place>> lostThrough(Link link, Target target) {
        Place start = new Place(own, link.listen());
        Optional<Place> next = place(target, own);
        if (next.isEmpty() || !leadsBack()) {
            return Optional.empty();
        }
        boolean pending = !served(start).contains(next.get());
        return path(next.get(), start, pending)
                .map(path -> Stream.concat(Stream.of(start), path.stream()).toList());
    }

    /** Whether any way leads back. Usually none does, and then no other search is needed. */
    private boolean leadsBack() {
        if (anyWayBack.isEmpty()) {
            anyWayBack = Optional.of(findsWayBack());
        }
        return anyWayBack.get();
    }

    private boolean findsWayBack() {
        Set<Place> visited = new HashSet<>();
        Deque<Place> toVisit = new ArrayDeque<>();
        for (Link link : own.desired()) {
            toVisit.add(new Place(own, link.listen()));
        }
        while (!toVisit.isEmpty()) {
            for (Step step : steps(toVisit.remove())) {
                if (step.to().gateway().uid().equals(own.uid())) {
                    return true;
                }
                if (visited.add(step.to())) {
                    toVisit.add(step.to());
                }
            }
        }
        return false;
    }

    /** Breadth first, through steps after which {@code own} is still the gateway that must give way. */
    private Optional<List<Place>> path(Place from, Place to, boolean pending) {
        Set<Place> deadEnd = deadEnds.computeIfAbsent(new Start(to, pending), start -> new HashSet<>());
        if (deadEnd.contains(from)) {
            return Optional.empty();
        }
        Map<Place, Place> cameFrom = new HashMap<>();
        Deque<Place> toVisit = new ArrayDeque<>();
        cameFrom.put(from, from);
        toVisit.add(from);
        while (!toVisit.isEmpty()) {
            Place place = toVisit.remove();
            if (place.equals(to)) {
                return Optional.of(back(cameFrom, place));
            }
            Predicate<Step> keepsOwnLast = keepsOwnLast(place.gateway(), pending);
            for (Step step : steps(place)) {
                if (!deadEnd.contains(step.to())
                        && keepsOwnLast.test(step)
                        && cameFrom.putIfAbsent(step.to(), place) == null) {
                    toVisit.add(step.to());
                }
            }
        }
        deadEnd.addAll(cameFrom.keySet());
        return Optional.empty();
    }

    private Predicate<Step> keepsOwnLast(Gateway gateway, boolean ownIsPending) {
        boolean notNewer = BY_AGE.compare(gateway, own) <= 0;
        return ownIsPending ? step -> notNewer || !step.pending() : step -> notNewer && !step.pending();
    }

    private static List<Place> back(Map<Place, Place> cameFrom, Place end) {
        List<Place> path = new ArrayList<>(List.of(end));
        for (Place place = end; !cameFrom.get(place).equals(place); place = cameFrom.get(place)) {
            path.add(0, cameFrom.get(place));
        }
        return path;
    }

    private List<Step> steps(Place from) {
        List<Step> known = steps.get(from);
        if (known == null) {
            known = find(from);
            steps.put(from, known);
        }
        return known;
    }

    private List<Step> find(Place from) {
        Set<Place> served = served(from);
        Set<Place> all =
                new LinkedHashSet<>(places(from.gateway(), from.gateway().desired(), from.port()));
        if (!from.gateway().uid().equals(own.uid())) {
            all.addAll(served);
        }
        return all.stream().map(to -> new Step(to, !served.contains(to))).toList();
    }

    private Set<Place> served(Place from) {
        return places(from.gateway(), from.gateway().applied(), from.port());
    }

    private Set<Place> places(Gateway gateway, List<Link> links, int port) {
        Set<Place> places = new LinkedHashSet<>();
        for (Link link : links) {
            if (link.listen() == port) {
                link.targets().forEach(target -> place(target, gateway).ifPresent(places::add));
            }
        }
        return places;
    }

    /** The place that {@code target} names to the relays of {@code gateway}. */
    private Optional<Place> place(Target target, Gateway gateway) {
        return hosts.find(target.host(), gateway.namespace())
                .filter(found -> Stream.of(found.desired(), found.applied())
                        .flatMap(Collection::stream)
                        .anyMatch(link -> link.listen() == target.port()))
                .map(found -> new Place(found, target.port()));
    }
}
