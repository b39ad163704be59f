package link.ambassador.webhook.tls;

import io.fabric8.kubernetes.client.informers.ResourceEventHandler;

/** Has it looked at again whenever anything happened to an object. */
record Changes<T>(Runnable look) implements ResourceEventHandler<T> {
    @Override
    public void onAdd(T object) {
        look.run();
    }

    @Override
    public void onUpdate(T before, T after) {
        look.run();
    }

    @Override
    public void onDelete(T object, boolean lastStateUnknown) {
        look.run();
    }
}
