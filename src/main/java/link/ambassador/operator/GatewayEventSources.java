package link.ambassador.operator;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.List;
import java.util.Set;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.Labels;
import link.ambassador.informer.Informers;
import link.ambassador.operator.delivery.RelayPod;
import link.ambassador.operator.gateway.GatewayPods;

/** Which changes of a gateway's objects and pods make the operator reconcile its Ambassador again. */
final class GatewayEventSources {
    private GatewayEventSources() {}

    /**
     * One for each kind of object.
     *
     * @param everyNamespace false when the operator watches a list of namespaces
     */
    static List<EventSource<?, Ambassador>> of(
            EventSourceContext<Ambassador> context,
            boolean everyNamespace,
            Informers<Service> services,
            Informers<Pod> pods) {
        return List.of(
                owned(ConfigMap.class, context),
                owned(Deployment.class, context),
                owned(PodDisruptionBudget.class, context),
                replicaSets(context, everyNamespace),
                new SharedEventSource<>(Service.class, services, (before, after) -> true),
                new SharedEventSource<>(
                        Pod.class, pods, (before, after) -> !whatIsRead(before).equals(whatIsRead(after))));
    }

    private static <T extends HasMetadata> InformerEventSource<T, Ambassador> owned(
            Class<T> type, EventSourceContext<Ambassador> context) {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(type, Ambassador.class)
                        .withLabelSelector(Labels.GATEWAY)
                        .build(),
                context);
    }

    /** The ReplicaSets of gateways' Deployments, found by the label that the template has. */
    private static InformerEventSource<ReplicaSet, Ambassador> replicaSets(
            EventSourceContext<Ambassador> context, boolean everyNamespace) {
        var configuration = InformerEventSourceConfiguration.from(ReplicaSet.class, Ambassador.class)
                .withLabelSelector(Labels.GATEWAY)
                .withSecondaryToPrimaryMapper(replicaSet -> Set.of(new ResourceID(
                        replicaSet.getMetadata().getLabels().get(Labels.GATEWAY),
                        replicaSet.getMetadata().getNamespace())))
                .withOnUpdateFilter((now, before) -> !now.getMetadata()
                        .getOwnerReferences()
                        .equals(before.getMetadata().getOwnerReferences()));
        // The SDK has one informer for each namespace of a list. In one store, a relist of one would delete what the
        // others have.
        if (everyNamespace) {
            configuration.withItemStore(new Informers.TrimmedStore<>(GatewayPods::trimmed));
        }
        return new InformerEventSource<>(configuration.build(), context);
    }

    private static List<Object> whatIsRead(Pod pod) {
        return List.of(RelayPod.of(pod), pod.getMetadata().getOwnerReferences());
    }
}
