package link.ambassador.operator.status;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import link.ambassador.config.Target;
import link.ambassador.operator.delivery.RelayStatus;
import link.ambassador.operator.delivery.RelayStatus.Dials;

/** How many connects of a relay to some targets there were, and how many of them failed or were ended before the target sent a byte. */
record DialCount(long connects, long failed) {
    /** What {@code relay} answered last; none when its version does not count. */
    static DialCount of(ObservedRelay relay, int listen, Set<Target> targets) {
        Set<String> names = targets.stream().map(Target::toString).collect(Collectors.toSet());
        return relay.sync().answer().map(RelayStatus::links).stream()
                .flatMap(links -> links.stream())
                .filter(link -> link.listen() == listen)
                .flatMap(link -> link.targets().stream())
                .filter(target -> names.contains(target.target()))
                .map(RelayStatus.TargetAnswer::dials)
                .flatMap(Optional::stream)
                .map(DialCount::of)
                .reduce(new DialCount(0, 0), DialCount::plus);
    }

    private static DialCount of(Dials dials) {
        return new DialCount(dials.ok() + dials.failed(), dials.failed() + Math.min(dials.ok(), dials.unanswered()));
    }

    DialCount plus(DialCount other) {
        return new DialCount(connects + other.connects, failed + other.failed);
    }
}
