package link.ambassador.operator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import link.ambassador.config.Version;

/**
 * A bundle for the Operator Lifecycle Manager, made from {@code kubernetes/install}. Quarkus' generator of bundles does not fit: it makes
 * the rights and the Deployment from annotations, and ours are the files that all ways of installing share.
 *
 * @see <a href="https://olm.operatorframework.io/docs/tasks/creating-operator-manifests/">Creating operator manifests</a>
 */
final class OlmBundle {
    static final Path FOLDER = Path.of("target/olm/bundle");

    private static final Path INSTALL = Path.of("kubernetes/install/operator");
    private static final Path CRD = Path.of("crds/ambassadors.ambassador.link-v1.yml");
    private static final Path EXAMPLE = Path.of("kubernetes/examples/01-smallest-gateway.yaml");
    private static final String ACCOUNT = "ambassador-operator";

    /** A consumer, a relay and a target. */
    private static final String ICON =
            """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 48"><path d="M14 24h68" stroke="#1b2230" stroke-width="4"/>\
            <circle cx="14" cy="24" r="10" fill="#6b7280"/><circle cx="48" cy="24" r="12" fill="#1a7f4b"/>\
            <circle cx="82" cy="24" r="10" fill="#2f6feb"/></svg>
            """;

    private static final String DESCRIPTION =
            """
            Move the upstream of a running service by editing one line: nothing restarts, and no connect fails.

            An `Ambassador` declares listen ports and their targets. The operator runs TCP relays for it, as a gateway behind a Service or as
            sidecars. Change a target and the running relays switch to it.

            **After the installation** apply `kubernetes/olm/after`, which OLM cannot install: the admission policies that restrict the
            operator, and the webhook that adds sidecars. Without it there are gateways only, and RBAC alone restricts the operator.
            """;

    private static final String ANNOTATIONS =
            """
            annotations:
              operators.operatorframework.io.bundle.mediatype.v1: registry+v1
              operators.operatorframework.io.bundle.manifests.v1: manifests/
              operators.operatorframework.io.bundle.metadata.v1: metadata/
              operators.operatorframework.io.bundle.package.v1: ambassador
              operators.operatorframework.io.bundle.channels.v1: candidate
              operators.operatorframework.io.bundle.channel.default.v1: candidate
            """;

    private final String version = Version.read();
    private final String image = "ambassador:" + version;

    /** Writes the bundle to {@link #FOLDER}, and returns its files by their path there. */
    static Map<String, String> write() throws IOException {
        Map<String, String> files = new OlmBundle().files();
        for (Map.Entry<String, String> file : files.entrySet()) {
            Path path = FOLDER.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.writeString(path, file.getValue());
        }
        return files;
    }

    private Map<String, String> files() throws IOException {
        Map<String, String> files = new TreeMap<>();
        files.put("metadata/annotations.yaml", ANNOTATIONS);
        files.put("manifests/ambassador.clusterserviceversion.yaml", Serialization.asYaml(clusterServiceVersion()));
        files.put(
                "manifests/ambassadors.ambassador.link.crd.yaml",
                Serialization.asYaml(objects(CRD).get(0)));
        for (JsonNode object : Stream.of("users.yaml", "webhook.yaml", "poddisruptionbudget.yaml")
                .flatMap(name -> objects(INSTALL.resolve(name)).stream())
                .filter(object -> !object.path("kind").asText().equals("MutatingWebhookConfiguration"))
                .toList()) {
            // OLM puts them into the namespace of the operator.
            ((ObjectNode) object.path("metadata")).remove("namespace");
            files.put(
                    "manifests/" + object.at("/metadata/name").asText() + "."
                            + object.path("kind").asText().toLowerCase(Locale.ROOT) + ".yaml",
                    Serialization.asYaml(object));
        }
        return files;
    }

    private ObjectNode clusterServiceVersion() throws IOException {
        ObjectNode csv = object(
                """
                apiVersion: operators.coreos.com/v1alpha1
                kind: ClusterServiceVersion
                metadata:
                  name: ambassador.v%s
                  annotations:
                    capabilities: Seamless Upgrades
                    categories: Networking
                    containerImage: %s
                    support: Ambassador
                    operatorframework.io/suggested-namespace: ambassador-system
                spec:
                  displayName: Ambassador
                  version: %s
                  minKubeVersion: 1.31.0
                  maturity: alpha
                  provider: {name: Ambassador}
                  keywords: [tcp, relay, sidecar, gateway, ambassador]
                  installModes:
                  - {type: OwnNamespace, supported: false}
                  - {type: SingleNamespace, supported: false}
                  - {type: MultiNamespace, supported: false}
                  - {type: AllNamespaces, supported: true}
                  customresourcedefinitions:
                    owned:
                    - name: ambassadors.ambassador.link
                      kind: Ambassador
                      version: v1alpha1
                      displayName: Ambassador
                      description: Listen ports and their targets, which can be edited while relays serve.
                """
                        .formatted(version.toLowerCase(Locale.ROOT), image, version));
        ((ObjectNode) csv.at("/metadata/annotations"))
                .put("alm-examples", "[" + Serialization.asJson(objects(EXAMPLE).get(0)) + "]");
        ObjectNode spec = csv.withObjectProperty("spec");
        spec.put("description", DESCRIPTION);
        spec.putArray("icon")
                .addObject()
                .put("base64data", Base64.getEncoder().encodeToString(ICON.getBytes(StandardCharsets.UTF_8)))
                .put("mediatype", "image/svg+xml");
        spec.putArray("relatedImages").addObject().put("name", "ambassador").put("image", image);
        ObjectNode strategy =
                spec.putObject("install").put("strategy", "deployment").putObject("spec");
        ObjectNode cluster = strategy.putArray("clusterPermissions").addObject().put("serviceAccountName", ACCOUNT);
        cluster.set("rules", rules("ClusterRole"));
        ObjectNode own = strategy.putArray("permissions").addObject().put("serviceAccountName", ACCOUNT);
        own.set("rules", rules("Role"));
        strategy.putArray("deployments").addObject().put("name", ACCOUNT).set("spec", deployment());
        return csv;
    }

    /** Of all roles of this kind that the operator's account has. */
    private static ArrayNode rules(String kind) throws IOException {
        ArrayNode rules = (ArrayNode) object("rules: []").path("rules");
        Stream.of("clusterrole.yaml", "leases.yaml", "webhook-rights.yaml")
                .flatMap(name -> objects(INSTALL.resolve(name)).stream())
                .filter(role -> role.path("kind").asText().equals(kind))
                .forEach(role -> role.path("rules").forEach(rules::add));
        return rules;
    }

    private JsonNode deployment() {
        JsonNode spec = objects(INSTALL.resolve("deployment.yaml")).get(0).path("spec");
        ObjectNode container = (ObjectNode) spec.at("/template/spec/containers").get(0);
        container.put("image", image);
        for (JsonNode variable : container.path("env")) {
            if (variable.path("name").asText().equals("AMBASSADOR_RELAY_IMAGE")) {
                ((ObjectNode) variable).put("value", image);
            }
        }
        return spec;
    }

    private static List<JsonNode> objects(Path file) {
        try {
            return Stream.of(Files.readString(file).split("(?m)^---.*$", -1))
                    .map(OlmBundle::node)
                    .filter(JsonNode::isObject)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ObjectNode object(String yaml) {
        return (ObjectNode) node(yaml);
    }

    private static JsonNode node(String yaml) {
        return Serialization.unmarshal(yaml, JsonNode.class);
    }
}
