package link.ambassador.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The real kubectl, as the user of a client and in one namespace. */
public final class Kubectl {
    private final Path kubectl = find();
    private final Path directory;
    private final Path kubeconfig;
    private final String namespace;

    /** @param directory an empty one, for the files it needs */
    public Kubectl(KubernetesClient kubernetes, String namespace, Path directory) throws IOException {
        this.directory = directory;
        this.kubeconfig = Files.writeString(directory.resolve("kubeconfig"), kubeconfig(kubernetes.getConfiguration()));
        this.namespace = namespace;
    }

    /** What a command printed, on either stream, and how it ended. */
    public record Result(int status, String output) {}

    /** Runs {@code kubectl} with these arguments; {@code stdin} is what {@code -f -} reads. */
    public Result run(String stdin, String... arguments) throws IOException, InterruptedException {
        Path input = Files.writeString(directory.resolve("stdin"), stdin);
        List<String> command = new ArrayList<>(
                List.of(kubectl.toString(), "--kubeconfig", kubeconfig.toString(), "--namespace", namespace));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectInput(input.toFile());
        // What it discovered is cached below the home directory by the server's address, which another server had
        // before.
        builder.environment().put("HOME", directory.toString());
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), output);
    }

    /** That of the cluster's build, or else of the version that kube-api-test downloaded for its API server. */
    private static Path find() {
        try {
            Process build = new ProcessBuilder("src/test/cluster/build", "--existing")
                    .redirectError(Redirect.INHERIT)
                    .start();
            String built = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (!built.isEmpty()) {
                return Path.of(built, "kubectl");
            }
            Path downloaded = Path.of(System.getProperty("user.home"), ".kubeapitest", "k8s");
            try (Stream<Path> versions = Files.list(downloaded)) {
                return versions.map(version -> version.resolve("kubectl"))
                        .filter(Files::isExecutable)
                        .max(Path::compareTo)
                        .orElseThrow(() -> new IllegalStateException("There is no kubectl below " + downloaded));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String kubeconfig(Config config) {
        return """
                apiVersion: v1
                kind: Config
                clusters:
                - name: test
                  cluster: {server: "%s", certificate-authority: "%s", certificate-authority-data: "%s"}
                users:
                - name: test
                  user: {client-certificate: "%s", client-certificate-data: "%s", client-key: "%s", client-key-data: "%s"}
                contexts:
                - name: test
                  context: {cluster: test, user: test}
                current-context: test
                """
                .formatted(
                        config.getMasterUrl(),
                        given(config.getCaCertFile()),
                        given(config.getCaCertData()),
                        given(config.getClientCertFile()),
                        given(config.getClientCertData()),
                        given(config.getClientKeyFile()),
                        given(config.getClientKeyData()));
    }

    private static String given(String value) {
        return value == null ? "" : value;
    }
}
