package link.ambassador.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import link.ambassador.config.Annotations;
import link.ambassador.config.RelayEnvironment;
import link.ambassador.model.Credentials;
import link.ambassador.model.RelayPodDefaults;

/**
 * The volume that the relay mounts: the pod's own table, by the downward API
 * (https://kubernetes.io/docs/concepts/workloads/pods/downward-api/). The relay writes to no volume, so it has no emptyDir. That would be
 * local storage, which blocks the drain of a node and its scale-down.
 */
final class RelayVolumes {
    private static final String LINKS = RelayPodDefaults.SIDECAR_LINKS_VOLUME;
    private static final String LINKS_NAME = "links.json";
    private static final String SOURCES = "/projected/sources";
    private static final String SECRET = SOURCES + "/0/secret/name";
    private static final String ITEMS = SOURCES + "/0/secret/items";
    static final String LINKS_FILE = RelayPodDefaults.LINKS_DIRECTORY + "/" + LINKS_NAME;

    /**
     * Where the API server's ServiceAccount admission mounts a token into every container that has no mount there
     * (plugin/pkg/admission/serviceaccount/admission.go, "Existing mounts at the default mount path prevent mounting of the
     * API token"). It runs before webhooks, and once more after a webhook changed the pod; then it would find the relay. So the
     * table is mounted there too. The relay gets no token, and because nothing changes, this webhook is not called a second time.
     */
    private static final String TOKEN_DIRECTORY = "/var/run/secrets/kubernetes.io/serviceaccount";

    private RelayVolumes() {}

    /** Whether the pod has another volume of this name than one from an earlier invocation. */
    static boolean areTaken(JsonNode spec) {
        return volume(spec, LINKS).filter(volume -> !volume.has("downwardAPI")).isPresent();
    }

    /**
     * Adds the volumes to a pod's spec: the table, and each Secret that the pod has no volume for. The kubelet brings the keys of the
     * Secret, and what it says later; a Secret that does not exist yet does not hold back the pod. A volume of an earlier invocation
     * gets the keys that it lacks.
     */
    static void putInto(ObjectNode spec, Collection<String> credentials) {
        ArrayNode volumes = spec.withArrayProperty("volumes");
        // The API server's defaults stay, such as the mode of the file.
        ObjectNode links = put(volumes, LINKS).withObjectProperty("downwardAPI");
        ArrayNode items = links.putArray("items");
        items.addObject()
                .put("path", LINKS_NAME)
                .putObject("fieldRef")
                .put("apiVersion", "v1")
                .put("fieldPath", "metadata.annotations['" + Annotations.LINKS + "']");
        Credentials.filesBySecret(credentials).forEach((secret, files) -> {
            Optional<JsonNode> present = volume(spec, volumeOf(secret));
            if (present.isEmpty()) {
                putSecret(volumes.addObject().put("name", volumeOf(secret)), secret, files);
            } else if (!files(present.get(), secret).isEmpty()) {
                addFiles((ArrayNode) present.get().at(ITEMS), files);
            }
        });
    }

    /** What a volume of the pod brings; empty when it is none of a credential. That of somebody else, such as a CSI driver, is a certificate. */
    static Set<String> credentials(JsonNode volume) {
        if (!PodJson.name(volume).startsWith(RelayPodDefaults.CREDENTIAL_VOLUME_PREFIX)) {
            return Set.of();
        }
        String secret = PodJson.name(volume).substring(RelayPodDefaults.CREDENTIAL_VOLUME_PREFIX.length());
        Set<String> files = files(volume, secret);
        Set<String> credentials = files.isEmpty() ? new TreeSet<>(Set.of(secret)) : Credentials.of(secret, files);
        credentials.removeIf(credential -> !Credentials.isValid(credential));
        return credentials;
    }

    /** The files of a volume of an earlier invocation; empty for one of somebody else. */
    private static Set<String> files(JsonNode volume, String secret) {
        boolean ours =
                volume.at(SOURCES).size() == 1 && volume.at(SECRET).asText().equals(secret);
        return ours ? paths(volume.at(ITEMS)) : Set.of();
    }

    private static Set<String> paths(JsonNode items) {
        Set<String> paths = new TreeSet<>();
        items.forEach(item -> paths.add(item.path("path").asText()));
        return paths;
    }

    private static void addFiles(ArrayNode items, Collection<String> files) {
        Set<String> present = paths(items);
        files.stream()
                .filter(file -> !present.contains(file))
                .forEach(file -> items.addObject().put("key", file).put("path", file));
    }

    private static void putSecret(ObjectNode volume, String name, Collection<String> files) {
        ObjectNode projected = volume.putObject("projected").put("defaultMode", RelayPodDefaults.CREDENTIAL_MODE);
        ObjectNode secret = projected.putArray("sources").addObject().putObject("secret");
        secret.put("name", name).put("optional", true);
        addFiles(secret.putArray("items"), files);
    }

    private static String volumeOf(String secret) {
        return RelayPodDefaults.CREDENTIAL_VOLUME_PREFIX + secret;
    }

    /** The mounts of the relay's container. */
    static List<ObjectNode> mounts(Collection<String> credentials) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        List<ObjectNode> mounts = new ArrayList<>();
        Credentials.filesBySecret(credentials)
                .keySet()
                .forEach(secret -> mounts.add(nodes.objectNode()
                        .put("mountPath", RelayEnvironment.DEFAULT_TLS_DIRECTORY + "/" + secret)
                        .put("name", volumeOf(secret))
                        .put("readOnly", true)));
        mounts.addAll(List.of(
                nodes.objectNode()
                        .put("mountPath", RelayPodDefaults.LINKS_DIRECTORY)
                        .put("name", LINKS)
                        .put("readOnly", true),
                nodes.objectNode()
                        .put("mountPath", TOKEN_DIRECTORY)
                        .put("name", LINKS)
                        .put("readOnly", true)));
        return mounts;
    }

    private static Optional<JsonNode> volume(JsonNode spec, String name) {
        for (JsonNode volume : spec.path("volumes")) {
            if (PodJson.name(volume).equals(name)) {
                return Optional.of(volume);
            }
        }
        return Optional.empty();
    }

    private static ObjectNode put(ArrayNode volumes, String name) {
        for (JsonNode volume : volumes) {
            if (PodJson.name(volume).equals(name)) {
                return (ObjectNode) volume;
            }
        }
        return volumes.addObject().put("name", name);
    }
}
