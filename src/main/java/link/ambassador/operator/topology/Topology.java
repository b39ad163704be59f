package link.ambassador.operator.topology;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import link.ambassador.operator.delivery.RelayLoad;
import link.ambassador.operator.delivery.RelayPod;
import link.ambassador.operator.delivery.RelaySync.SyncState;
import link.ambassador.operator.status.ObservedRelay;

/** The relays of each Ambassador as the operator saw them last. It asks no relay by itself. Callable from any thread. */
public final class Topology {
    /** Relays of an Ambassador that are kept, and drawn: those that lag first. */
    static final int MOST_RELAYS = 50;

    private static final int MOST_LOADS = 20_000;

    /** A relay that was not polled for so long shows no connections. */
    private static final Duration FRESH = Duration.ofMinutes(10);

    /** @param sentence why it is not {@link SyncState#ACKNOWLEDGED}; empty when it is */
    record Relay(String pod, String uid, SyncState state, String sentence) {}

    /** @param all how many there are, of which some are listed */
    record Relays(int all, List<Relay> listed) {}

    record Polled(RelayLoad load, Instant at) {}

    private final Clock clock;
    private final Map<String, Relays> relaysByAmbassador = new ConcurrentHashMap<>();
    private final Map<String, Polled> loadsByPod = new ConcurrentHashMap<>();

    public Topology(Clock clock) {
        this.clock = clock;
    }

    /** A reconcile found these relays of an Ambassador. */
    public void observed(String uid, List<ObservedRelay> relays) {
        List<Relay> listed = relays.stream()
                .sorted(Comparator.comparing(
                                (ObservedRelay relay) -> relay.sync().state() == SyncState.ACKNOWLEDGED)
                        .thenComparing(relay -> relay.pod().name()))
                .limit(MOST_RELAYS)
                .map(relay -> new Relay(
                        relay.pod().name(),
                        relay.pod().uid(),
                        relay.sync().state(),
                        relay.sync().sentence()))
                .toList();
        relaysByAmbassador.put(uid, new Relays(relays.size(), listed));
    }

    /** A relay answered a poll. */
    public void answered(RelayPod pod, RelayLoad load) {
        if (loadsByPod.size() < MOST_LOADS || loadsByPod.containsKey(pod.uid())) {
            loadsByPod.put(pod.uid(), new Polled(load, clock.instant()));
        }
    }

    /** Empty when no reconcile of this process has seen the Ambassador. */
    Optional<Relays> relays(String uid) {
        return Optional.ofNullable(relaysByAmbassador.get(uid));
    }

    /** Empty when the relay did not answer in the last minutes. */
    Optional<Polled> load(String podUid) {
        return Optional.ofNullable(loadsByPod.get(podUid)).filter(this::isFresh);
    }

    /** Forgets Ambassadors that do not exist, and loads that are no longer shown. */
    public void retain(Predicate<String> exists) {
        relaysByAmbassador.keySet().removeIf(exists.negate());
        loadsByPod.values().removeIf(polled -> !isFresh(polled));
    }

    private boolean isFresh(Polled polled) {
        return polled.at().plus(FRESH).isAfter(clock.instant());
    }
}
