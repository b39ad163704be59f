package link.ambassador.operator.status;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import link.ambassador.api.v1alpha1.TargetStatus;
import link.ambassador.config.Failover;
import link.ambassador.config.Link;
import link.ambassador.operator.delivery.RelayStatus;
import link.ambassador.operator.delivery.RelayStatus.HealthAnswer;
import link.ambassador.operator.delivery.RelayStatus.LinkAnswer;
import link.ambassador.operator.delivery.RelayStatus.TargetAnswer;

/**
 * What the relays that serve now answered about the targets of one link with a health check.
 *
 * @param targets in the order of the link
 * @param withoutTarget that a relay finds every target unhealthy; empty when none does
 * @param failedOver how many relays use a later target, and why; empty when none does
 */
record LinkHealth(List<TargetStatus> targets, Optional<String> withoutTarget, Optional<String> failedOver) {
    /** Of the links with a health check, in the order of the table. */
    static List<LinkHealth> of(ObservedState observed) {
        return observed.tables().served().stream()
                .flatMap(table -> table.links().stream())
                .filter(link -> link.healthCheck().isPresent())
                .map(link -> of(link, observed.serving()))
                .toList();
    }

    private static LinkHealth of(Link link, List<ObservedRelay> serving) {
        int answered = 0;
        int[] using = new int[link.targets().size()];
        int[] healthy = new int[link.targets().size()];
        Optional<String> withoutTarget = Optional.empty();
        Optional<String> later = Optional.empty();
        for (ObservedRelay relay : serving) {
            List<TargetAnswer> answers = answers(relay, link);
            if (answers.isEmpty()) {
                continue;
            }
            answered++;
            for (int i = 0; i < answers.size(); i++) {
                HealthAnswer health = answers.get(i).health().orElseThrow();
                healthy[i] += health.isHealthy() ? 1 : 0;
                using[i] += isUsed(link, i, health) ? 1 : 0;
                if (i > 0 && health.isInUse() && later.isEmpty()) {
                    later = Optional.of(why(relay, answers.get(0)));
                }
            }
            if (withoutTarget.isEmpty()
                    && answers.stream()
                            .allMatch(target -> target.health().orElseThrow().isUnhealthy())) {
                withoutTarget =
                        Optional.of("Port " + link.listen() + ": no target is healthy. " + why(relay, answers.get(0)));
            }
        }
        List<TargetStatus> targets = IntStream.range(0, using.length)
                .mapToObj(i ->
                        new TargetStatus(link.listen(), link.targets().get(i).toString(), using[i], healthy[i]))
                .toList();
        int relays = answered;
        return new LinkHealth(targets, withoutTarget, later.map(why -> failedOver(targets, relays) + why));
    }

    /** Of all targets, in their order; empty when the relay answered about another table, or does not check. */
    private static List<TargetAnswer> answers(ObservedRelay relay, Link link) {
        List<String> names = link.targets().stream().map(Object::toString).toList();
        return relay.sync().answer().map(RelayStatus::links).orElse(List.of()).stream()
                .filter(answer -> answer.listen() == link.listen())
                .map(LinkAnswer::targets)
                .filter(targets ->
                        targets.stream().map(TargetAnswer::target).toList().equals(names)
                                && targets.stream()
                                        .allMatch(target -> target.health().isPresent()))
                .findFirst()
                .orElse(List.of());
    }

    private static boolean isUsed(Link link, int index, HealthAnswer health) {
        List<Integer> weights = link.failover().map(Failover::weights).orElse(List.of());
        return weights.isEmpty() ? health.isInUse() : health.isHealthy() && weights.get(index) > 0;
    }

    /** {@code Port 5432: 37 of 41 relays use pg-b:5432, the second.} */
    private static String failedOver(List<TargetStatus> targets, int relays) {
        List<String> uses = new ArrayList<>();
        for (int i = 1; i < targets.size(); i++) {
            TargetStatus target = targets.get(i);
            if (target.relays() > 0) {
                uses.add(target.relays() + " of " + relays + (relays == 1 ? " relay uses " : " relays use ")
                        + target.target() + ", " + ordinal(i + 1));
            }
        }
        return "Port " + targets.get(0).listen() + ": " + String.join("; ", uses) + ". ";
    }

    private static String ordinal(int number) {
        return switch (number) {
            case 2 -> "the second";
            case 3 -> "the third";
            default -> "number " + number;
        };
    }

    private static String why(ObservedRelay relay, TargetAnswer target) {
        String error = target.health().map(HealthAnswer::error).orElse("");
        return "From " + relay.pod().name() + ": " + (error.isEmpty() ? target.target() + " was unhealthy" : error)
                + ".";
    }
}
