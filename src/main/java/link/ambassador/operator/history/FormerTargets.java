package link.ambassador.operator.history;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import link.ambassador.api.v1alpha1.LastRetarget;
import link.ambassador.config.Link;
import link.ambassador.config.Sha256;
import link.ambassador.config.Target;

/** Which targets relays may have had before the latest retarget. A pure function of the history. */
final class FormerTargets {
    private FormerTargets() {}

    /**
     * For each listen port whose targets changed since the latest retarget that every relay acknowledged: the {@linkplain Sha256 names} of
     * what it had. There is more than one when a retarget came before all relays had the one before it, and none when all had the newest.
     *
     * @param newestFirst the retargets that are remembered
     * @param served the links that relays are to have
     * @return empty when the newest retarget is not remembered
     */
    static Optional<Map<Integer, Set<String>>> of(List<Retarget> newestFirst, List<Link> served) {
        Map<Integer, List<Target>> now = Retarget.targets(served);
        if (newestFirst.isEmpty()
                || !Retarget.targets(newestFirst.get(0).after()).equals(now)) {
            return Optional.empty();
        }
        Map<Integer, Set<String>> former = new HashMap<>();
        for (Retarget retarget : newestFirst) {
            if (retarget.outcome().filter(LastRetarget.CONVERGED::equals).isPresent()) {
                break;
            }
            Map<Integer, List<Target>> after = Retarget.targets(retarget.after());
            Retarget.targets(retarget.before()).forEach((listen, targets) -> {
                if (now.containsKey(listen) && !targets.equals(after.get(listen))) {
                    former.computeIfAbsent(listen, port -> new HashSet<>()).add(Sha256.of(targets));
                }
            });
        }
        return Optional.of(former);
    }
}
