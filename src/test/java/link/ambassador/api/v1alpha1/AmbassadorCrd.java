package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator.Feature;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDGenerator.CRDOutput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The custom resource definition: what the annotations of the records say, and here what annotations cannot say. */
final class AmbassadorCrd {
    /** Where it is committed. */
    static final Path FILE = Path.of("crds/ambassadors.ambassador.link-v1.yml");

    /** How the committed file is written anew. */
    static final String COMMAND = "./mvnw test -Dtest=AmbassadorCrdTest -Dregenerate";

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory()
            .enable(Feature.MINIMIZE_QUOTES)
            .enable(Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .disable(Feature.SPLIT_LINES)
            .disable(Feature.WRITE_DOC_START_MARKER));

    private AmbassadorCrd() {}

    /** The definition as YAML, the same for the same records. */
    static String yaml() {
        try {
            JsonNode crd = YAML.readTree(fromAnnotations());
            ObjectNode version = (ObjectNode) crd.at("/spec/versions/0");
            columns(version);
            scale(version);
            complete(new Schema((ObjectNode) version.at("/schema/openAPIV3Schema")));
            Schema.tidy(crd);
            return "# Made from the records of src/main/java/link/ambassador/api/v1alpha1 by\n# " + COMMAND + "\n"
                    + YAML.writeValueAsString(crd);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] fromAnnotations() {
        var output = new InMemory();
        new CRDGenerator()
                .customResourceClasses(Ambassador.class)
                .forCRDVersions("v1")
                .withParallelGenerationEnabled(false)
                .withOutput(output)
                .generate();
        return output.bytes.toByteArray();
    }

    private static void complete(Schema ambassador) {
        ambassador.describe(
                """
                Listen ports and the targets that their connections go to, for the consumers of one namespace. An edit \
                of the targets re-points running consumers: no pod, container or listener restarts.""");

        ambassador.at("spec.links").listMap("listen", "protocol");
        ambassador.at("spec.links[].targets").atomicList();
        // Enumerations here and Strings in the records, so that a word of a newer version stops no older operator.
        ambassador.at("spec.links[].protocol").oneOf("TCP");
        ambassador.at("spec.retarget.existingConnections").oneOf("Keep", "Drain", "Close");
        ambassador.at("spec.retarget.preflight.mode").oneOf("None", "Each", "All");
        ambassador.at("spec.retarget.rollout.type").oneOf("AllAtOnce", "Staged");
        ambassador.at("spec.retarget.rollout.staged.steps").atomicList();
        ambassador.at("spec.retarget.rollout.staged.onFailure").oneOf("Rollback", "Pause");
        ambassador.at("spec.hold.links").set();
        ambassador.at("spec.hold.existingConnections").oneOf("Keep", "Drain", "Close");
        ambassador.at("spec.hold.whenExpired").oneOf("Release", "Refuse");
        ambassador.at("spec.links[].whenUnavailable.action").oneOf("Refuse", "Hold");
        ambassador.at("spec.links[].upstreamTLS.mode").oneOf("None", "ServerOnly", "ClientAndServer");
        ambassador.at("spec.links[].upstreamTLS.negotiation").oneOf("Direct", "PostgreSQL");
        ambassador.at("spec.links[].upstreamTLS.minVersion").oneOf("1.2", "1.3");
        Schema upstream = ambassador.at("spec.links[].upstreamTLS.validation");
        upstream.at("wellKnownCACertificates").oneOf("System");
        Schema clients = ambassador.at("spec.links[].downstreamTLS.clientValidation");
        Stream.of(upstream, clients).forEach(validation -> {
            validation.at("caCertificateRefs").atomicList();
            validation.at("caCertificateRefs[].group").oneOf("");
            validation.at("caCertificateRefs[].kind").oneOf("ConfigMap");
            validation.at("subjectAltNames").atomicList();
            validation.at("subjectAltNames[].type").oneOf("URI", "Hostname");
        });
        ambassador.at("spec.links[].healthCheck.type").oneOf("TCP", "HTTP", "Exchange");
        ambassador.at("spec.links[].healthCheck.probe").oneOf("OnFailure", "Always");
        ambassador.at("spec.links[].healthCheck.http.expectedStatuses").set();
        ambassador.at("spec.links[].healthCheck.http.expectedStatuses[]").range(200, 599);
        ambassador.at("spec.links[].healthCheck.exchange.steps").atomicList();
        ambassador.at("spec.links[].failover.selection").oneOf("FirstAvailable", "Weighted");
        ambassador.at("spec.links[].failover.existingConnections").oneOf("Keep", "Drain", "Close");
        ambassador.at("spec.links[].failover.whenNoneHealthy").oneOf("TryAll", "Refuse");
        ambassador.at("spec.links[].upstreamProxyProtocol.version").oneOf("V1", "V2");
        ambassador.at("spec.links[].upstreamProxyProtocol.tlvs").set();
        ambassador.at("spec.links[].upstreamProxyProtocol.tlvs[]").oneOf("UniqueID", "PodIdentity");
        ambassador.at("spec.links[].downstreamProxyProtocol.trustedSources").set();
        ambassador
                .at("spec.links[].downstreamProxyProtocol.trustedSources[]")
                .max("maxLength", DownstreamProxyProtocolSpec.LONGEST_CIDR)
                .rule(DownstreamProxyProtocolSpec.CIDR, DownstreamProxyProtocolSpec.CIDR_MESSAGE);
        ambassador.at("spec.placement.gateway.service.type").oneOf("ClusterIP", "NodePort", "LoadBalancer");
        ambassador.at("spec.placement.gateway.service.annotations").max("maxProperties", 16);
        ambassador.at("spec.placement.gateway.service.annotations{}").max("maxLength", 4096);
        KubernetesSchemas.resources(ambassador.at("spec.placement.gateway.resources"));
        KubernetesSchemas.selector(ambassador.at("spec.placement.sidecar.selector"));

        // kstatus takes an object without a status for one that is as it should be.
        ambassador.at("status").node().putObject("default").put("observedGeneration", -1);
        ambassador.at("status.conditions").listMap("type");
        KubernetesSchemas.condition(ambassador.at("status.conditions[]"));
        ambassador.at("status.laggards").atomicList();
        ambassador.at("status.targets").atomicList();
    }

    private static void columns(ObjectNode version) {
        column(version, "Listen", ".status.summary.listen", "string", 0);
        column(version, "Target", ".status.summary.target", "string", 0);
        column(version, "Placement", ".status.summary.placement", "string", 0);
        column(version, "Relays", ".status.summary.relays", "string", 0);
        column(version, "Ready", ".status.conditions[?(@.type==\"Ready\")].status", "string", 0);
        column(version, "Age", ".metadata.creationTimestamp", "date", 0);
        column(version, "Held", ".status.conditions[?(@.type==\"Held\")].reason", "string", 1);
        column(version, "Generation", ".metadata.generation", "integer", 1);
        column(version, "Observed", ".status.observedGeneration", "integer", 1);
        // A column prints the first match only, and the first condition that is not True is what needs somebody.
        column(version, "Message", ".status.conditions[?(@.status!=\"True\")].message", "string", 1);
    }

    /** https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#scale-subresource. */
    private static void scale(ObjectNode version) {
        ((ObjectNode) version.path("subresources"))
                .putObject("scale")
                .put("specReplicasPath", ".spec.placement.gateway.replicas")
                .put("statusReplicasPath", ".status.relays.injected")
                .put("labelSelectorPath", ".status.selector");
    }

    /** In the order of the calls: the generator sorts columns that are annotations. */
    private static void column(ObjectNode version, String name, String path, String type, int priority) {
        version.withArray("additionalPrinterColumns")
                .addObject()
                .put("name", name)
                .put("type", type)
                .put("jsonPath", path)
                .put("priority", priority);
    }

    private static final class InMemory implements CRDOutput<ByteArrayOutputStream> {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public ByteArrayOutputStream outputFor(String crdName) {
            return bytes;
        }

        @Override
        public void close() {}
    }
}
