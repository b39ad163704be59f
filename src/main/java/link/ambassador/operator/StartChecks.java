package link.ambassador.operator;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Set;
import link.ambassador.api.v1alpha1.Ambassador;

/**
 * Lists one object of each kind that the operator watches. A missing CRD or right is found here; the watches themselves retry forever,
 * whatever the error.
 */
final class StartChecks {
    private static final List<Class<? extends HasMetadata>> WATCHED = List.of(
            Ambassador.class,
            Service.class,
            ConfigMap.class,
            Deployment.class,
            ReplicaSet.class,
            ControllerRevision.class,
            PodDisruptionBudget.class,
            Pod.class);

    private static final ListOptions ONE =
            new ListOptionsBuilder().withLimit(1L).build();

    private StartChecks() {}

    /**
     * Returns when the API server has answered every request.
     *
     * @param namespaces empty for every namespace
     * @throws io.fabric8.kubernetes.client.KubernetesClientException with its error, or the reason why it did not answer
     */
    static void run(KubernetesClient kubernetes, Set<String> namespaces) {
        for (Class<? extends HasMetadata> type : WATCHED) {
            if (namespaces.isEmpty()) {
                kubernetes.resources(type).inAnyNamespace().list(ONE);
            }
            namespaces.forEach(namespace ->
                    kubernetes.resources(type).inNamespace(namespace).list(ONE));
        }
    }
}
