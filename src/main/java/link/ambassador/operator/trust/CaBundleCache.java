package link.ambassador.operator.trust;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.informer.Informers;
import link.ambassador.model.CaBundle;
import link.ambassador.model.CaBundles;
import link.ambassador.model.CaCertificates;

/**
 * Reads the ConfigMaps that Ambassadors name, each by a watch of its own that begins when an Ambassador first names it. A watch of every
 * ConfigMap would bring a page of 500 into memory at once, each of up to 1 MiB, and anyone who can create ConfigMaps chooses what is in
 * them.
 */
public final class CaBundleCache implements CaBundles {
    /** How many ConfigMaps it watches: each costs a connection to the API server. */
    static final int MOST = 1000;

    static final int MOST_OF_A_NAMESPACE = 16;

    /** After this time a ConfigMap that could not be read is unusable, instead of being read for the first time. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private record Key(String namespace, String name) {}

    private static final class Watched {
        private final Informers<ConfigMap> informers;
        private volatile boolean late;

        /** What was read of this version; guarded by this. */
        private String version = "";

        private CaBundle bundle;

        Watched(Informers<ConfigMap> informers) {
            this.informers = informers;
        }

        synchronized CaBundle bundle(Key key) {
            Optional<ConfigMap> found = informers.get(key.namespace(), key.name());
            if (found.isEmpty() && !informers.isSynced()) {
                return late
                        ? new CaBundle.Unusable(
                                ConditionReason.INVALID_CA_CERTIFICATE_REF,
                                "ConfigMap " + key.name() + " could not be read for " + PATIENCE.toSeconds()
                                        + " s: the API server does not answer, or refuses to show it.")
                        : new CaBundle.Pending();
            }
            String now =
                    found.map(map -> map.getMetadata().getResourceVersion()).orElse("none");
            if (!now.equals(version)) {
                bundle = CaCertificates.read(
                        key.name(), found.map(ConfigMap::getData).map(data -> data.get(CaCertificates.KEY)));
                version = now;
            }
            return bundle;
        }
    }

    private final KubernetesClient kubernetes;
    private final List<BiConsumer<String, String>> listeners = new CopyOnWriteArrayList<>();

    /** Guarded by this. */
    private final Map<Key, Watched> watched = new HashMap<>();

    private boolean stopped;

    public CaBundleCache(KubernetesClient kubernetes) {
        this.kubernetes = kubernetes;
    }

    @Override
    public CaBundle in(String namespace, String configMap) {
        Key key = new Key(namespace, configMap);
        Watched one;
        synchronized (this) {
            one = watched.get(key);
            if (one == null) {
                long ofNamespace = watched.keySet().stream()
                        .filter(other -> other.namespace().equals(namespace))
                        .count();
                if (stopped) {
                    return new CaBundle.Pending();
                }
                if (ofNamespace >= MOST_OF_A_NAMESPACE || watched.size() >= MOST) {
                    return new CaBundle.Unusable(
                            ConditionReason.INVALID_CA_CERTIFICATE_REF,
                            "ConfigMap " + configMap + " is not read: the operator reads at most " + MOST_OF_A_NAMESPACE
                                    + " with certificates of a namespace, and " + MOST
                                    + " of all. Put the certificates of several authorities into one ConfigMap.");
                }
                one = watch(key);
            }
        }
        return one.bundle(key);
    }

    private Watched watch(Key key) {
        Informers<ConfigMap> informers = Informers.of(
                        "the ConfigMap " + key.namespace() + "/" + key.name(),
                        kubernetes.configMaps().inNamespace(key.namespace()).withName(key.name()))
                .storedIn(() -> new Informers.TrimmedStore<>(CaBundleCache::trimmed));
        Watched one = new Watched(informers);
        watched.put(key, one);
        informers.onChange(map -> changed(key));
        informers
                .start()
                .toCompletableFuture()
                .orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .whenCompleteAsync((synced, failure) -> {
                    one.late = failure != null;
                    changed(key);
                });
        return one;
    }

    private void changed(Key key) {
        listeners.forEach(listener -> listener.accept(key.namespace(), key.name()));
    }

    /**
     * Adds a listener.
     *
     * @param changed called with the namespace and the name of a ConfigMap that may have other certificates now, on the informers'
     *     threads; must not block
     */
    public void listen(BiConsumer<String, String> changed) {
        listeners.add(changed);
    }

    /** Ends the watches of all other ConfigMaps. */
    public synchronized void retain(BiPredicate<String, String> named) {
        watched.entrySet().removeIf(entry -> {
            boolean gone =
                    !named.test(entry.getKey().namespace(), entry.getKey().name());
            if (gone) {
                entry.getValue().informers.stop();
            }
            return gone;
        });
    }

    public synchronized void stop() {
        stopped = true;
        retain((namespace, name) -> false);
    }

    private static ConfigMap trimmed(ConfigMap map) {
        Optional<String> text = Optional.ofNullable(map.getData()).map(data -> data.get(CaCertificates.KEY));
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(map.getMetadata().getNamespace())
                .withName(map.getMetadata().getName())
                .withUid(map.getMetadata().getUid())
                .withResourceVersion(map.getMetadata().getResourceVersion())
                .endMetadata()
                // One more than is read, so that a longer one stays too long.
                .withData(text.map(all -> Map.of(
                                CaCertificates.KEY,
                                all.substring(0, Math.min(all.length(), CaCertificates.MOST_CHARACTERS + 1))))
                        .orElse(null))
                .build();
    }
}
