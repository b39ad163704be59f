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
import java.util.function.UnaryOperator;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.Labels;
import link.ambassador.operator.delivery.RelayPod;
import link.ambassador.operator.gateway.GatewayPods;
import link.ambassador.operator.sidecar.ReducedStore;

/** Which changes of the objects and pods of a gateway make the operator reconcile its Ambassador again. */
final class GatewayEventSources {
    private final EventSourceContext<Ambassador> context;
    private final boolean everyNamespace;

    /** @param everyNamespace false when the operator watches a list of namespaces */
    GatewayEventSources(EventSourceContext<Ambassador> context, boolean everyNamespace) {
        this.context = context;
        this.everyNamespace = everyNamespace;
    }

    List<EventSource<?, Ambassador>> all() {
        return List.of(
                owned(Service.class),
                owned(ConfigMap.class),
                owned(Deployment.class),
                owned(PodDisruptionBudget.class),
                relaysOf(ReplicaSet.class, GatewayPods::reduced),
                relaysOf(Pod.class, GatewayPods::reduced));
    }

    private <T extends HasMetadata> InformerEventSource<T, Ambassador> owned(Class<T> type) {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(type, Ambassador.class)
                        .withLabelSelector(Labels.GATEWAY)
                        .build(),
                context);
    }

    /** What Kubernetes made of a gateway's Deployment, found by the label that its template has. */
    private <T extends HasMetadata> InformerEventSource<T, Ambassador> relaysOf(
            Class<T> type, UnaryOperator<T> reduced) {
        var configuration = InformerEventSourceConfiguration.from(type, Ambassador.class)
                .withLabelSelector(Labels.GATEWAY)
                .withSecondaryToPrimaryMapper(object -> Set.of(new ResourceID(
                        object.getMetadata().getLabels().get(Labels.GATEWAY),
                        object.getMetadata().getNamespace())))
                .withOnUpdateFilter((now, before) -> !says(now).equals(says(before)));
        // One store cannot serve an informer for each namespace: a relist of one would forget the pods of the others.
        if (everyNamespace) {
            configuration.withItemStore(new ReducedStore<>(reduced));
        }
        return new InformerEventSource<>(configuration.build(), context);
    }

    /** The part of it that a reconcile reads. */
    private static Object says(HasMetadata object) {
        return object instanceof Pod pod
                ? List.of(RelayPod.of(pod), pod.getMetadata().getOwnerReferences())
                : object.getMetadata().getOwnerReferences();
    }
}
