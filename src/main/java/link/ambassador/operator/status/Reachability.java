package link.ambassador.operator.status;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.operator.delivery.RelayStatus;
import link.ambassador.operator.delivery.RelayStatus.LinkAnswer;
import link.ambassador.operator.delivery.RelayStatus.TargetAnswer;

/** What the relays' own connects learned about the targets, and the condition TargetReachable that reports it. */
record Reachability(ConditionReason reason, String message) {
    private static final String OK = "ok";

    static Reachability of(ObservedState observed) {
        Reachability found = ofHealth(LinkHealth.of(observed), ofConnects(observed));
        return hint(observed)
                .map(hint -> new Reachability(found.reason(), found.message() + " " + hint))
                .orElse(found);
    }

    private static Reachability ofConnects(ObservedState observed) {
        List<String> failures = new ArrayList<>();
        boolean connected = false;
        for (ObservedRelay relay : observed.serving()) {
            for (LinkAnswer link : links(relay)) {
                List<TargetAnswer> tried = link.targets().stream()
                        .filter(target -> target.lastResult().isPresent())
                        .toList();
                if (tried.stream().anyMatch(target -> target.lastResult().get().equals(OK))) {
                    connected = true;
                } else if (!tried.isEmpty()) {
                    failures.add(from(relay, link, why(tried.get(0))));
                }
            }
        }
        if (!failures.isEmpty()) {
            return new Reachability(ConditionReason.CONNECT_FAILED, failures.get(0));
        }
        ConditionReason reason = connected ? ConditionReason.CONNECTED : ConditionReason.NOT_TRIED;
        return new Reachability(reason, reason.sentence());
    }

    /** @param otherwise when the checks found nothing that is worth a reason of its own */
    private static Reachability ofHealth(List<LinkHealth> checked, Reachability otherwise) {
        Optional<String> without =
                checked.stream().flatMap(link -> link.withoutTarget().stream()).findFirst();
        if (without.isPresent()) {
            return new Reachability(ConditionReason.NO_HEALTHY_TARGET, without.get());
        }
        String failedOver =
                checked.stream().flatMap(link -> link.failedOver().stream()).collect(Collectors.joining(" "));
        return failedOver.isEmpty() || otherwise.reason() == ConditionReason.CONNECT_FAILED
                ? otherwise
                : new Reachability(ConditionReason.FAILED_OVER, failedOver);
    }

    /** What a relay supposes of a target. It decides nothing. */
    private static Optional<String> hint(ObservedState observed) {
        for (ObservedRelay relay : observed.serving()) {
            for (LinkAnswer link : links(relay)) {
                for (TargetAnswer target : link.targets()) {
                    if (!target.hint().isEmpty()) {
                        return Optional.of(from(relay, link, target.hint()) + ".");
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static List<LinkAnswer> links(ObservedRelay relay) {
        return relay.sync().answer().map(RelayStatus::links).orElse(List.of());
    }

    private static String from(ObservedRelay relay, LinkAnswer link, String sentence) {
        return "Port " + link.listen() + ", from " + relay.pod().name() + ": " + sentence;
    }

    private static String why(TargetAnswer target) {
        return target.lastError().isEmpty()
                ? target.target() + ": " + target.lastResult().orElse("")
                : target.lastError();
    }
}
