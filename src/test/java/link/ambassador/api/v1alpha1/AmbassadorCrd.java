package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator.Feature;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDGenerator.CRDOutput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** The custom resource definition: what the annotations of the records say, and here what annotations cannot say. */
final class AmbassadorCrd {
    /** Where it is committed. */
    static final Path FILE = Path.of("crds/ambassadors.ambassador.link-v1.yml");

    private static final String DESCRIPTION =
            """
            Listen ports and the targets that their connections go to, for the consumers of one namespace. An edit of the \
            targets re-points running consumers: no pod, container or listener restarts.""";

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory()
            .enable(Feature.MINIMIZE_QUOTES)
            .enable(Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .enable(Feature.INDENT_ARRAYS_WITH_INDICATOR)
            .disable(Feature.SPLIT_LINES)
            .disable(Feature.WRITE_DOC_START_MARKER));

    private final JsonNode crd;

    private AmbassadorCrd(JsonNode crd) {
        this.crd = crd;
    }

    /** The definition as YAML, the same for the same records. */
    static String yaml() {
        try {
            var crd = new AmbassadorCrd(YAML.readTree(fromAnnotations()));
            crd.complete();
            return "# Made from src/main/java/link/ambassador/api/v1alpha1 by ./mvnw test -Dtest=AmbassadorCrdTest -Dregenerate\n"
                    + YAML.writeValueAsString(crd.crd);
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

    private void complete() {
        columns();
        root().put("description", DESCRIPTION);
        oneOf("spec.links[].protocol", "TCP");
        oneOf("spec.retarget.existingConnections", "Keep", "Drain", "Close");
        listMap("spec.links", "listen", "protocol");
        list("spec.links[].targets", "atomic");
        list("status.laggards", "atomic");
        require("status.conditions[]", "type", "status", "lastTransitionTime", "reason", "message");
        listMap("status.conditions", "type");
        tidy(crd);
    }

    private void columns() {
        column("Listen", ".status.summary.listen", "string", 0);
        column("Target", ".status.summary.target", "string", 0);
        column("Placement", ".status.summary.placement", "string", 0);
        column("Relays", ".status.summary.relays", "string", 0);
        column("Ready", ".status.conditions[?(@.type==\"Ready\")].status", "string", 0);
        column("Age", ".metadata.creationTimestamp", "date", 0);
        column("Generation", ".metadata.generation", "integer", 1);
        column("Observed", ".status.observedGeneration", "integer", 1);
        // The first condition that is not True is the one that needs somebody; a column prints the first match only.
        column("Message", ".status.conditions[?(@.status!=\"True\")].message", "string", 1);
    }

    /** In the order of the calls; the generator would sort columns that are annotations. */
    private void column(String name, String path, String type, int priority) {
        ((ObjectNode) crd.at("/spec/versions/0"))
                .withArray("additionalPrinterColumns")
                .addObject()
                .put("name", name)
                .put("type", type)
                .put("jsonPath", path)
                .put("priority", priority);
    }

    /** Items are known by these fields, so that appliers merge them and the API server refuses two of one key. */
    private void listMap(String path, String... keys) {
        list(path, "map");
        strings(schema(path), "x-kubernetes-list-map-keys", keys);
    }

    private void list(String path, String type) {
        schema(path).put("x-kubernetes-list-type", type);
    }

    /** An enumeration here and a String in the record, so that a word of a newer version stops no older operator. */
    private void oneOf(String path, String... words) {
        strings(schema(path), "enum", words);
    }

    private void require(String path, String... fields) {
        strings(schema(path), "required", fields);
    }

    private static void strings(ObjectNode schema, String name, String... texts) {
        ArrayNode array = schema.putArray(name);
        for (String text : texts) {
            array.add(text);
        }
    }

    private ObjectNode root() {
        return (ObjectNode) crd.at("/spec/versions/0/schema/openAPIV3Schema");
    }

    /** The schema of a field; {@code []} are the items of a list. */
    private ObjectNode schema(String path) {
        JsonNode schema = root();
        for (String field : path.replace("[]", ".[]").split("\\.", -1)) {
            schema = field.equals("[]")
                    ? schema.path("items")
                    : schema.path("properties").path(field);
        }
        if (!(schema instanceof ObjectNode found)) {
            throw new IllegalStateException("There is no field " + path);
        }
        return found;
    }

    /** Whole numbers without a fraction; each rule once, and not for the record's field and again for its accessor. */
    private static void tidy(JsonNode node) {
        if (node instanceof ObjectNode object) {
            for (Map.Entry<String, JsonNode> field : object.properties()) {
                if (field.getValue().isDouble()) {
                    field.setValue(LongNode.valueOf(field.getValue().longValue()));
                } else if (field.getKey().equals("x-kubernetes-validations")) {
                    Set<JsonNode> rules = new LinkedHashSet<>();
                    field.getValue().forEach(rules::add);
                    field.setValue(YAML.createArrayNode().addAll(rules));
                }
            }
        }
        node.forEach(AmbassadorCrd::tidy);
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
