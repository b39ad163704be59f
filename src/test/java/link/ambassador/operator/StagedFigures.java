package link.ambassador.operator;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import link.ambassador.api.v1alpha1.RolloutStatus;

/** What a staged retarget takes: the time of each step, and the writes of everybody to the API server. */
record StagedFigures(List<Step> steps, Map<String, Long> writes) {
    private static final Pattern REQUESTS = Pattern.compile(
            "(?m)^apiserver_request_total\\{.*dry_run=\"\".*,resource=\"([a-z]+)\".*,subresource=\"([a-z]*)\",verb=\"([A-Z]+)\".*} (\\S+)$");
    private static final Set<String> WRITES = Set.of("POST", "PUT", "PATCH", "APPLY", "DELETE");

    /**
     * One step.
     *
     * @param begun when the status said that it has begun
     * @param settled when all of its relays had the new targets; of the last step, when the rollout was complete
     */
    record Step(int number, Instant begun, Instant settled) {
        @Override
        public String toString() {
            return "step " + number + " began at " + begun + " and settled after "
                    + Duration.between(begun, settled).toMillis() + " ms";
        }
    }

    /** Follows the retarget that {@code edit} begins until its rollout is complete. */
    static StagedFigures of(
            KubernetesClient kubernetes, Runnable edit, Supplier<RolloutStatus> rollout, Duration atMost) {
        Map<String, Long> before = writes(kubernetes);
        List<Step> steps = new ArrayList<>();
        Instant[] begun = {null};
        edit.run();
        await().atMost(atMost).pollInterval(20, TimeUnit.MILLISECONDS).until(() -> {
            RolloutStatus now = rollout.get();
            if (now != null && now.is(RolloutStatus.PHASE_STAGED) && now.upTo() != null && now.step() > steps.size()) {
                begun[0] = begun[0] == null ? Instant.now() : begun[0];
                if (now.settledAt() != null) {
                    steps.add(new Step(now.step(), begun[0], Instant.parse(now.settledAt())));
                    begun[0] = null;
                }
            }
            return !steps.isEmpty() && now.is(RolloutStatus.PHASE_COMPLETE);
        });
        if (begun[0] != null) {
            steps.add(new Step(steps.size() + 1, begun[0], Instant.now()));
        }
        Map<String, Long> writes = writes(kubernetes);
        before.forEach((what, count) -> writes.merge(what, -count, Long::sum));
        writes.values().removeIf(count -> count == 0);
        return new StagedFigures(steps, writes);
    }

    /** How many so far, by verb and resource; without Leases, which are renewed in any case. */
    private static Map<String, Long> writes(KubernetesClient kubernetes) {
        Map<String, Long> writes = new TreeMap<>();
        Matcher request = REQUESTS.matcher(kubernetes.raw("/metrics"));
        while (request.find()) {
            String resource = request.group(1);
            String subresource = request.group(2);
            String verb = request.group(3);
            if (WRITES.contains(verb) && !resource.equals("leases")) {
                writes.merge(
                        verb + " " + resource + (subresource.isEmpty() ? "" : "/" + subresource),
                        (long) Double.parseDouble(request.group(4)),
                        Long::sum);
            }
        }
        return writes;
    }
}
