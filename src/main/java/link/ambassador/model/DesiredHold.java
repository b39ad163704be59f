package link.ambassador.model;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.api.v1alpha1.HoldSpec;
import link.ambassador.api.v1alpha1.HoldStatus;
import link.ambassador.api.v1alpha1.LinkSpec;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.Hold;
import link.ambassador.config.WhenExpired;

/**
 * The hold that an Ambassador asks for.
 *
 * <p>A hold is in a table only after its start is in the stored status. So everybody who makes tables reads the same start there: the
 * operator after a restart, its successor, and the webhook. If the operator ends after the write of the status, the next one writes
 * tables with the start that is stored. If tables came first, some relays might have a start that no status has.
 */
public final class DesiredHold {
    private static final String PLACE = "spec.hold";

    private final Hold hold;
    private final Set<Integer> ports;

    private DesiredHold(Hold hold, Set<Integer> ports) {
        this.hold = hold;
        this.ports = ports;
    }

    /** When the hold of this status started; empty when it has none that can be read, or one that was released. */
    public static Optional<Instant> startedAt(AmbassadorStatus status) {
        return Optional.ofNullable(status)
                .map(AmbassadorStatus::hold)
                .filter(hold -> hold.releasedAt() == null)
                .map(HoldStatus::startedAt)
                .flatMap(Hold::parseTime);
    }

    /**
     * What the links are to be held with; empty when the spec asks for no hold, or its start is not in the status yet.
     *
     * @throws SpecRefusal also when the start is not there yet
     */
    static Optional<DesiredHold> of(Ambassador ambassador) throws SpecRefusal {
        HoldSpec spec = ambassador.getSpec().hold();
        if (spec == null) {
            return Optional.empty();
        }
        Set<Integer> listening = ambassador.getSpec().links().stream()
                .map(LinkSpec::listen)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
        List<Integer> held = Optional.ofNullable(spec.links()).orElse(List.copyOf(listening));
        for (Integer port : held) {
            if (!listening.contains(port)) {
                throw new SpecRefusal(PLACE + ".links", "" + port, "a listen port of spec.links");
            }
        }
        Optional<Instant> startedAt = startedAt(ambassador.getStatus());
        Hold hold = hold(spec, startedAt.orElse(Instant.EPOCH));
        return startedAt.map(started -> new DesiredHold(hold, Set.copyOf(held)));
    }

    Optional<Hold> ofLink(int listen) {
        return ports.contains(listen) ? Optional.of(hold) : Optional.empty();
    }

    private static Hold hold(HoldSpec spec, Instant startedAt) throws SpecRefusal {
        try {
            return new Hold(
                    startedAt,
                    SpecFields.duration(
                            PLACE + ".timeout", SpecFields.required(PLACE + ".timeout", spec.timeout()), null),
                    SpecFields.word(
                            PLACE + ".whenExpired", spec.whenExpired(), Hold.DEFAULT_WHEN_EXPIRED, WhenExpired.class),
                    Optional.ofNullable(spec.maxHeld()).orElse(Hold.DEFAULT_MAX_HELD),
                    SpecFields.word(
                            PLACE + ".existingConnections",
                            spec.existingConnections(),
                            Hold.DEFAULT_EXISTING_CONNECTIONS,
                            ExistingConnections.class),
                    SpecFields.duration(PLACE + ".drainTimeout", spec.drainTimeout(), Hold.DEFAULT_DRAIN_TIMEOUT));
        } catch (IllegalArgumentException e) {
            throw new SpecRefusal(PLACE, e);
        }
    }
}
