package link.ambassador.operator.gateway;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.LinkTable;
import link.ambassador.config.RelayImage;
import link.ambassador.model.CaBundles;
import link.ambassador.model.DesiredTable;
import link.ambassador.model.TableOutcome;

/** A directory of src/test/resources/gateways: an Ambassador, and the objects that its gateway should be. */
public record GatewayCase(Path directory) {
    static final RelayImage RELAY_IMAGE = RelayImage.named("ambassador:test");
    private static final Path ALL = Path.of("src/test/resources/gateways");

    static Stream<GatewayCase> all() throws IOException {
        try (Stream<Path> directories = Files.list(ALL)) {
            return directories.sorted().map(GatewayCase::new).toList().stream();
        }
    }

    public static GatewayCase named(String name) {
        return new GatewayCase(ALL.resolve(name));
    }

    public Ambassador ambassador() {
        return Serialization.unmarshal(read(directory.resolve("in.yaml")), Ambassador.class);
    }

    static GatewayObjects objects(Ambassador ambassador) {
        return GatewayObjects.of(ambassador, table(ambassador), List.of(), RELAY_IMAGE, GatewaySurroundings.NONE);
    }

    public static LinkTable table(Ambassador ambassador) {
        TableOutcome outcome = DesiredTable.of(ambassador, CaBundles.NONE);
        if (outcome instanceof TableOutcome.Table made) {
            return made.table();
        }
        throw new AssertionError(outcome);
    }

    /** The objects as files: name to content. */
    Map<String, String> made() {
        Map<String, String> files = new TreeMap<>();
        for (HasMetadata object : objects(ambassador()).all()) {
            files.put("out-" + object.getKind().toLowerCase(Locale.ROOT) + ".yaml", Serialization.asYaml(object));
        }
        return files;
    }

    Map<String, String> expected() throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> listed = Files.list(directory)) {
            listed.filter(file -> file.getFileName().toString().startsWith("out-"))
                    .forEach(file -> files.put(file.getFileName().toString(), read(file)));
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

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
