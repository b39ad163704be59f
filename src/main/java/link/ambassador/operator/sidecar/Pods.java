package link.ambassador.operator.sidecar;

import java.util.Collection;
import java.util.Optional;

/** The pods that a cache has at the moment of the call. Callable from any thread. */
interface Pods {
    /** The pods of one namespace, in no order. */
    Collection<ConsumerPod> in(String namespace);

    /** The pods of all namespaces, in no order. */
    Collection<ConsumerPod> all();

    /** The pod of this name, if it is still the one with this uid. */
    Optional<ConsumerPod> get(String namespace, String name, String uid);
}
