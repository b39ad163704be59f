package link.ambassador.operator.status;

import java.util.ArrayList;
import java.util.List;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.operator.delivery.RelayStatus;
import link.ambassador.operator.delivery.RelayStatus.LinkAnswer;
import link.ambassador.operator.delivery.RelayStatus.TargetAnswer;

/** What the relays' own connects learned about the targets, and the condition TargetReachable that reports it. */
record Reachability(ConditionReason reason, String message) {
    private static final String OK = "ok";

    static Reachability of(ObservedState observed) {
        List<String> failures = new ArrayList<>();
        boolean connected = false;
        for (ObservedRelay relay : observed.serving()) {
            for (LinkAnswer link : relay.sync().answer().map(RelayStatus::links).orElse(List.of())) {
                List<TargetAnswer> tried = link.targets().stream()
                        .filter(target -> target.lastResult().isPresent())
                        .toList();
                if (tried.stream().anyMatch(target -> target.lastResult().get().equals(OK))) {
                    connected = true;
                } else if (!tried.isEmpty()) {
                    failures.add(
                            "Port " + link.listen() + ", from " + relay.pod().name() + ": " + why(tried.get(0)));
                }
            }
        }
        if (!failures.isEmpty()) {
            return new Reachability(ConditionReason.CONNECT_FAILED, failures.get(0));
        }
        ConditionReason reason = connected ? ConditionReason.CONNECTED : ConditionReason.NOT_TRIED;
        return new Reachability(reason, reason.sentence());
    }

    private static String why(TargetAnswer target) {
        return target.lastError().isEmpty()
                ? target.target() + ": " + target.lastResult().orElse("")
                : target.lastError();
    }
}
