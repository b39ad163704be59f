package link.ambassador.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Checks that the admission policies of kubernetes/install restrict this operator: tries a write that each policy forbids, as a dry run,
 * so that nothing is changed. Without the policies (deleted, or for a ServiceAccount of another name) everything works as before, but
 * anyone with this operator's token can do far more than docs/permissions.md says. So the operator warns.
 */
final class PolicyCheck {
    private static final Logger LOG = Logger.getLogger(PolicyCheck.class);
    private static final Duration DEADLINE = Duration.ofSeconds(10);

    /** The API server enforces a policy some seconds after its creation. */
    private static final int TRIES = 15;

    static final Duration BETWEEN = Duration.ofSeconds(2);

    /** The result of a write that a policy forbids. */
    enum Verdict {
        HOLDS,
        DOES_NOT_HOLD,
        /** Something else refused the write, such as a right that this operator does not have here. */
        UNKNOWN
    }

    private record Forbidden(String policy, String method, String type, String path, String body) {}

    private final KubernetesClient kubernetes;
    private final List<Forbidden> writes;
    private final MeterRegistry registry;
    private final Duration between;

    /**
     * Tries nothing before {@link #run}.
     *
     * @param namespace where this operator may write
     * @param pod a pod of that namespace that it may patch; empty when none is known
     * @param between the time between two tries: {@link #BETWEEN}, or less in tests, where the policies are in force already
     */
    PolicyCheck(
            KubernetesClient kubernetes,
            String namespace,
            Optional<String> pod,
            MeterRegistry registry,
            Duration between) {
        this.kubernetes = kubernetes;
        this.between = between;
        this.registry = registry;
        this.writes = writes(namespace, pod);
    }

    private static List<Forbidden> writes(String namespace, Optional<String> pod) {
        List<Forbidden> writes = new ArrayList<>();
        writes.add(
                new Forbidden(
                        "ambassador-operator-owned",
                        "POST",
                        "application/json",
                        "api/v1/namespaces/" + namespace + "/configmaps?dryRun=All",
                        """
                {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "ambassador-policy-check"}}"""));
        writes.add(
                new Forbidden(
                        "ambassador-operator-deployments",
                        "POST",
                        "application/json",
                        "apis/apps/v1/namespaces/" + namespace + "/deployments?dryRun=All",
                        """
                {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "policy-check-ambassador", "ownerReferences": [
                  {"apiVersion": "ambassador.link/v1alpha1", "kind": "Ambassador", "name": "policy-check", "uid": "none",
                   "controller": true}]},
                 "spec": {"selector": {"matchLabels": {"ambassador.link/gateway": "policy-check"}}, "template": {
                  "metadata": {"labels": {"ambassador.link/gateway": "policy-check"}},
                  "spec": {"nodeName": "none", "containers": [{"name": "relay", "image": "none"}]}}}}"""));
        pod.ifPresent(name -> writes.add(new Forbidden(
                "ambassador-operator-pods",
                "PATCH",
                "application/merge-patch+json",
                "api/v1/namespaces/" + namespace + "/pods/" + name + "/status?dryRun=All",
                """
                {"metadata": {"labels": {"ambassador-policy-check": "none"}}}""")));
        return List.copyOf(writes);
    }

    /** Tries each policy until it holds, or has had enough time. Ends early when {@code stopping} reaches zero. */
    void run(CountDownLatch stopping) throws InterruptedException {
        for (Forbidden write : writes) {
            Verdict verdict = ask(write);
            for (int tries = 1; verdict == Verdict.DOES_NOT_HOLD && tries < TRIES; tries++) {
                if (stopping.await(between.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
                verdict = ask(write);
            }
            if (verdict != Verdict.UNKNOWN) {
                int holds = verdict == Verdict.HOLDS ? 1 : 0;
                Gauge.builder("ambassador.policy.holds", () -> holds)
                        .description(
                                "1 when the API server rejected a write that the policy forbids, 0 when it accepted it")
                        .tag("policy", write.policy())
                        .register(registry);
            }
            if (verdict == Verdict.DOES_NOT_HOLD) {
                LOG.warnf(
                        "the admission policy %s does not restrict this operator: the API server accepts a"
                                + " write that the policy forbids. Apply kubernetes/install/operator again, and keep the"
                                + " name of its ServiceAccount, ambassador-operator",
                        write.policy());
            }
        }
    }

    private Verdict ask(Forbidden write) {
        HttpClient http = kubernetes.getHttpClient();
        try {
            HttpResponse<String> answer = http.sendAsync(
                            http.newHttpRequestBuilder()
                                    .uri(kubernetes.getMasterUrl() + write.path())
                                    .timeout(DEADLINE.toSeconds(), TimeUnit.SECONDS)
                                    .method(write.method(), write.type(), write.body())
                                    .build(),
                            String.class)
                    .orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS)
                    .join();
            return verdict(write.policy(), answer.code(), String.valueOf(answer.body()));
        } catch (RuntimeException e) {
            LOG.debugf("cannot try the policy %s: %s", write.policy(), e.getMessage());
            return Verdict.UNKNOWN;
        }
    }

    static Verdict verdict(String policy, int status, String body) {
        if (status / 100 == 2) {
            return Verdict.DOES_NOT_HOLD;
        }
        return body.contains("ValidatingAdmissionPolicy '" + policy + "'") && body.contains("denied request")
                ? Verdict.HOLDS
                : Verdict.UNKNOWN;
    }
}
