package link.ambassador.operator;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The CRD as kubernetes/install installs it. */
final class AmbassadorCrd {
    private static final Path FILE = Path.of("crds/ambassadors.ambassador.link-v1.yml");

    private AmbassadorCrd() {}

    /** The API server serves Ambassadors when this returns. */
    static void install(KubernetesClient kubernetes) {
        try (InputStream file = Files.newInputStream(FILE)) {
            kubernetes.load(file).forceConflicts().serverSideApply();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await("Ambassadors are served").until(() -> kubernetes
                .apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName("ambassadors.ambassador.link")
                .get()
                .getStatus()
                .getConditions()
                .stream()
                .anyMatch(condition -> condition.getType().equals("Established")
                        && condition.getStatus().equals("True")));
    }
}
