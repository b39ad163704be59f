package link.ambassador.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.zjsonpatch.JsonPatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.RelayImage;
import link.ambassador.model.CaBundles;
import link.ambassador.model.ExposedPort;
import link.ambassador.model.NamespaceConstraints;
import link.ambassador.model.SidecarAmbassador;

/**
 * A directory of src/test/resources/injection: a pod as it is created, the Ambassadors and Services of its namespace, what
 * the namespace demands; and the decision, and the pod as it is then.
 */
record InjectionCase(Path directory) {
    static final RelayImage RELAY_IMAGE = RelayImage.named("ambassador:test");
    static final String NAMESPACE = "shop";
    private static final Path ALL = Path.of("src/test/resources/injection");

    static Stream<InjectionCase> all() throws IOException {
        try (Stream<Path> directories = Files.list(ALL)) {
            return directories.sorted().map(InjectionCase::new).toList().stream();
        }
    }

    static InjectionCase named(String name) {
        return new InjectionCase(ALL.resolve(name));
    }

    JsonNode pod() {
        return Serialization.unmarshal(read("pod.yaml"), JsonNode.class);
    }

    List<HasMetadata> demanding() {
        return Stream.of(ResourceQuota.class, LimitRange.class)
                .flatMap(kind -> documents("demands.yaml")
                        .filter(document -> document.contains("kind: " + kind.getSimpleName()))
                        .<HasMetadata>map(document -> Serialization.unmarshal(document, kind)))
                .toList();
    }

    Injection injection(JsonNode pod) {
        return injection(pod, RELAY_IMAGE);
    }

    Injection injection(JsonNode pod, RelayImage image) {
        List<SidecarAmbassador> ambassadors = documents("ambassadors.yaml")
                .map(document -> Serialization.unmarshal(document, Ambassador.class))
                .flatMap(ambassador -> SidecarAmbassador.of(ambassador, CaBundles.NONE).stream())
                .toList();
        NamespaceConstraints demands = NamespaceConstraints.of(
                demanding().stream()
                        .filter(ResourceQuota.class::isInstance)
                        .map(ResourceQuota.class::cast)
                        .toList(),
                demanding().stream()
                        .filter(LimitRange.class::isInstance)
                        .map(LimitRange.class::cast)
                        .toList());
        return Injection.of(pod, new PodNamespace(NAMESPACE, ambassadors, demands, this::ports), image);
    }

    private Set<ExposedPort> ports(String service) {
        return documents("services.yaml")
                .map(document -> Serialization.unmarshal(document, Service.class))
                .filter(found -> found.getMetadata().getName().equals(service))
                .flatMap(found -> found.getSpec().getPorts().stream())
                .map(port -> new ExposedPort(port.getPort(), Objects.requireNonNullElse(port.getProtocol(), "TCP")))
                .collect(Collectors.toSet());
    }

    static JsonNode patched(JsonNode pod, Injection injection) {
        return injection.patch().map(patch -> JsonPatch.apply(patch, pod)).orElse(pod);
    }

    JsonNode injected() {
        return patched(pod(), injection(pod()));
    }

    /** What is said and done, as files: name to content. */
    Map<String, String> made() {
        Injection injection = injection(pod());
        ObjectNode decision = JsonNodeFactory.instance.objectNode();
        decision.put("reason", injection.reason().word());
        injection.warnings().forEach(decision.putArray("warnings")::add);
        Map<String, String> files = new TreeMap<>();
        files.put("out-decision.yaml", Serialization.asYaml(decision));
        injection.patch().ifPresent(patch -> files.put("out-pod.yaml", Serialization.asYaml(injected())));
        return files;
    }

    Map<String, String> expected() throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> listed = Files.list(directory)) {
            listed.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("out-"))
                    .forEach(name -> files.put(name, read(name)));
        }
        return files;
    }

    void update() throws IOException {
        for (String stale : expected().keySet()) {
            Files.delete(directory.resolve(stale));
        }
        for (Map.Entry<String, String> file : made().entrySet()) {
            Files.writeString(directory.resolve(file.getKey()), file.getValue());
        }
    }

    @Override
    public String toString() {
        return directory.getFileName().toString();
    }

    private Stream<String> documents(String file) {
        return Files.exists(directory.resolve(file)) ? Arrays.stream(read(file).split("(?m)^---$")) : Stream.empty();
    }

    private String read(String file) {
        try {
            return Files.readString(directory.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
