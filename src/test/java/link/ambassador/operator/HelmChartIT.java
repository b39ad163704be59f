package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import link.ambassador.kubernetes.ApiServer;
import link.ambassador.kubernetes.Helm;
import link.ambassador.kubernetes.Kubectl;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code kubernetes/helm/ambassador} installs the same objects as {@code kubernetes/install}. An *IT for its kubectl alone. */
@ExtendWith(ApiServer.class)
class HelmChartIT {
    private static Helm helm;
    private static Kubectl kubectl;

    @BeforeAll
    static void helm(KubernetesClient client, @TempDir Path helms, @TempDir Path kubectls) throws Exception {
        helm = new Helm(helms);
        kubectl = new Kubectl(client, "default", kubectls);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            textBlock =
                    """
                    -                           | -
                    labelled                    | labelled=true
                    namespaced                  | namespaces={default}
                    networkpolicy               | networkPolicy.enabled=true
                    monitoring                  | monitoring.enabled=true
                    cert-manager                | webhook.certManager.enabled=true
                    image                       | image.repository=registry.example.com/ambassador,image.pullPolicy=IfNotPresent,imagePullSecrets[0].name=registry
                    namespaced labelled networkpolicy | namespaces={default},labelled=true,networkPolicy.enabled=true
                    """)
    void aSwitchOfTheChartIsAComponentOfTheKustomization(String components, String values) throws Exception {
        Map<String, JsonNode> installed = objects(kubectl.run("", "kustomize", kustomization(components))
                .succeeded()
                .output());
        // Helm makes the namespace, where it also keeps the release: it cannot be an object of the release.
        assertThat(installed.remove("Namespace/ambassador-system")).isNotNull();
        // An uninstall keeps the CRD.
        ((ObjectNode) installed
                        .get("CustomResourceDefinition/ambassadors.ambassador.link")
                        .get("metadata"))
                .putObject("annotations")
                .put("helm.sh/resource-policy", "keep");

        Map<String, JsonNode> chart = objects(values == null ? template() : template("--set", values));

        assertThat(chart.keySet()).isEqualTo(installed.keySet());
        assertThat(chart).allSatisfy((name, object) -> assertThat(object).isEqualTo(installed.get(name)));
    }

    @Test
    void withoutItsCrdTheChartHasEverythingElse() throws Exception {
        Set<String> all = objects(template()).keySet();
        Set<String> others = objects(template("--set", "crds.install=false")).keySet();

        assertThat(all).containsAll(others);
        assertThat(all)
                .filteredOn(name -> !others.contains(name))
                .containsExactly("CustomResourceDefinition/ambassadors.ambassador.link");
    }

    @Test
    void aReleaseOfAnotherNameInAnotherNamespaceIsWholeThere() throws Exception {
        String elsewhere = helm.run(
                        "template",
                        "mine",
                        Helm.CHART.toString(),
                        "--namespace",
                        "123",
                        "--set",
                        "webhook.certManager.enabled=true")
                .succeeded();

        assertThat(objects(elsewhere).keySet())
                .contains("Deployment/123/ambassador-operator")
                .noneMatch(name -> name.contains("ambassador-system"));
        assertThat(elsewhere).doesNotContain("ambassador-system");
    }

    @Test
    void lintFindsNothing() throws Exception {
        assertThat(helm.run("lint", "--strict", Helm.CHART.toString()).succeeded())
                .contains("1 chart(s) linted, 0 chart(s) failed")
                .doesNotContain("WARNING", "ERROR");
    }

    @Test
    void everySettingOfTheOperatorCanBeSet() throws Exception {
        JsonNode pod = operator(
                "--set-string",
                "image.digest=sha256:" + "0123456789abcdef".repeat(4),
                "--set",
                "image.repository=registry.example.com:5000/ambassador,replicas=1,namespaces={shop,billing}",
                "--set",
                "clusterDomain=example.local,leaderElection=false,adminPort=9090,log.format=json,log.level=debug",
                "--set",
                "webhook.port=9443,webhook.clientCa.configMap=authorities,webhook.certManager.enabled=true",
                "--set",
                "image.pullPolicy=Always,imagePullSecrets[0].name=registry,imagePullSecrets[1].name=mirror");
        JsonNode container = pod.path("containers").get(0);
        Map<String, String> environment = new TreeMap<>();
        container
                .path("env")
                .forEach(variable -> environment.put(
                        variable.path("name").asText(), variable.path("value").asText()));
        String image = "registry.example.com:5000/ambassador@sha256:" + "0123456789abcdef".repeat(4);

        assertThat(container.path("image").asText()).isEqualTo(image);
        assertThat(environment)
                .isEqualTo(new TreeMap<>(Map.ofEntries(
                        Map.entry("AMBASSADOR_RELAY_IMAGE", image),
                        Map.entry("AMBASSADOR_RELAY_PULL_POLICY", "Always"),
                        Map.entry("AMBASSADOR_RELAY_PULL_SECRETS", "registry,mirror"),
                        Map.entry("AMBASSADOR_NAMESPACES", "shop,billing"),
                        Map.entry("AMBASSADOR_CLUSTER_DOMAIN", "example.local"),
                        Map.entry("AMBASSADOR_LEADER_ELECTION", "false"),
                        Map.entry("AMBASSADOR_ADMIN_PORT", "9090"),
                        Map.entry("AMBASSADOR_LOG_FORMAT", "json"),
                        Map.entry("AMBASSADOR_LOG_LEVEL", "debug"),
                        Map.entry("AMBASSADOR_WEBHOOK_PORT", "9443"),
                        Map.entry("AMBASSADOR_WEBHOOK_CERTIFICATE", "/etc/ambassador/webhook-certificate"),
                        Map.entry("AMBASSADOR_WEBHOOK_CLIENT_CA", "/etc/ambassador/webhook-client-ca/ca.crt"))));
        assertThat(environment.keySet()).isEqualTo(variablesOnThePage());
        assertThat(container.path("ports").findValuesAsText("containerPort")).containsExactly("9090", "9443");
        assertThat(container.path("volumeMounts").findValuesAsText("mountPath"))
                .containsExactly("/etc/ambassador/webhook-client-ca", "/etc/ambassador/webhook-certificate");
        assertThat(pod.path("volumes").get(0).path("configMap").path("name").asText())
                .isEqualTo("authorities");
    }

    private static Set<String> variablesOnThePage() throws IOException {
        return Pattern.compile("(?m)^\\| `(AMBASSADOR_\\w+)` \\|")
                .matcher(Files.readString(Path.of("docs/operator.md")))
                .results()
                .map(row -> row.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void theOperatorsPodsRunWhereAndAsTheValuesAsk() throws Exception {
        JsonNode pod = operator(
                "--set",
                "image.pullPolicy=Always,imagePullSecrets[0].name=registry,nodeSelector.disk=ssd",
                "--set",
                "tolerations[0].key=infra,tolerations[0].operator=Exists,affinity.nodeAffinity.x=y",
                "--set",
                "resources.limits.memory=1Gi");
        JsonNode container = pod.path("containers").get(0);

        assertThat(container.path("imagePullPolicy").asText()).isEqualTo("Always");
        assertThat(pod.path("imagePullSecrets").toString()).isEqualTo("[{\"name\":\"registry\"}]");
        assertThat(pod.path("nodeSelector").toString()).isEqualTo("{\"disk\":\"ssd\"}");
        assertThat(pod.path("tolerations").toString()).isEqualTo("[{\"key\":\"infra\",\"operator\":\"Exists\"}]");
        assertThat(pod.path("affinity").has("nodeAffinity")).isTrue();
        assertThat(container.path("resources").toString())
                .isEqualTo("{\"limits\":{\"memory\":\"1Gi\"},\"requests\":{\"cpu\":\"50m\",\"memory\":\"256Mi\"}}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            textBlock =
                    """
                    replicas=two                                 | at '/replicas': got string, want integer
                    replicas=0                                   | at '/replicas': minimum: got 0, want 1
                    replica=3                                    | additional properties 'replica' not allowed
                    log.level=trace                              | at '/log/level': value must be one of 'debug', 'info', 'warn'
                    image.tag=12                                 | at '/image/tag': got number, want string
                    adminPort=70000                              | at '/adminPort': maximum: got 70,000, want 65,535
                    adminPort=8443                               | adminPort and webhook.port are both 8443: give one of them another port
                    image.repository=example.com/ambassador:1.0  | image.repository is "example.com/ambassador:1.0": put the tag into image.tag
                    image.repository=example.com/a@sha256:12     | image.repository is "example.com/a@sha256:12": put the digest into image.digest
                    image.repository=not an image                | it must be a repository, such as registry.example.com/ambassador
                    image.tag=a/b                                | image.tag is "a/b": it must be a tag, such as "1.0", or empty for the chart's appVersion
                    image.digest=sha256:12                       | it must be sha256: and 64 hexadecimal digits, or empty
                    imagePullSecrets[0].name=It's                | imagePullSecrets contains "It's": it must be the name of a Secret
                    namespaces={shop,Not_One}                    | namespaces contains "Not_One": it must be the name of a namespace
                    leaderElection=false                         | leaderElection is false and replicas is 2: without a Lease all of them would reconcile. Set replicas to 1
                    networkPolicy.enabled=true,networkPolicy.podCidrs.ipv4=null,networkPolicy.podCidrs.ipv6=null | without the addresses of your pods the policy would allow every pod
                    """)
    void aBadValueIsRefusedWithASentence(String value, String sentence) throws Exception {
        Helm.Result refused = helm.run("template", "ambassador", Helm.CHART.toString(), "--set", value);

        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.errors()).contains(sentence);
        assertThat(refused.output()).isEmpty();
    }

    private static JsonNode operator(String... arguments) throws Exception {
        return objects(template(arguments))
                .get("Deployment/ambassador-system/ambassador-operator")
                .at("/spec/template/spec");
    }

    private static String template(String... arguments) throws Exception {
        return helm.run(Stream.concat(
                                Stream.of(
                                        "template",
                                        "ambassador",
                                        Helm.CHART.toString(),
                                        "--namespace",
                                        Installation.NAMESPACE),
                                Stream.of(arguments))
                        .toArray(String[]::new))
                .succeeded();
    }

    private static String kustomization(String components) throws IOException {
        return components == null ? "kubernetes/install" : InstallComponentsIT.with(components.split(" ", -1));
    }

    /** The objects of a file by kind, namespace and name. */
    private static Map<String, JsonNode> objects(String file) {
        Map<String, JsonNode> objects = new TreeMap<>();
        for (String document : file.split("(?m)^---.*$", -1)) {
            JsonNode object = document.isBlank() ? null : yaml(document);
            if (object != null && object.isObject()) {
                String name = Stream.of(
                                object.path("kind"), object.at("/metadata/namespace"), object.at("/metadata/name"))
                        .filter(JsonNode::isTextual)
                        .map(JsonNode::asText)
                        .collect(Collectors.joining("/"));
                sortVariables(object);
                assertThat(objects.put(name, object)).as("another %s", name).isNull();
            }
        }
        return objects;
    }

    /** A patch of kustomize's puts its variables before the others. The order is no difference: none refers to another. */
    private static void sortVariables(JsonNode object) {
        for (JsonNode container : object.at("/spec/template/spec/containers")) {
            ArrayNode variables = (ArrayNode) container.path("env");
            List<JsonNode> sorted = new ArrayList<>();
            variables.forEach(sorted::add);
            sorted.sort(Comparator.comparing(variable -> variable.path("name").asText()));
            variables.removeAll().addAll(sorted);
        }
    }

    private static JsonNode yaml(String text) {
        return Serialization.unmarshal(text, JsonNode.class);
    }
}
