package link.ambassador.kubernetes;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The real helm, built from its Go module. Its files stay in a folder of the test's. */
public final class Helm {
    public static final Path CHART = Path.of("kubernetes/helm/ambassador");

    private final Path helm;
    private final Path directory;

    /**
     * One that needs no cluster. The first on a machine takes minutes to build; a test that asks for it is skipped where Go
     * is missing.
     *
     * @param directory an empty one, for the files it needs
     */
    public Helm(Path directory) throws IOException, InterruptedException {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "go"))),
                "needs Go on the PATH, to build helm");
        this.helm = program();
        this.directory = directory;
    }

    /** One for the cluster of this client. */
    public Helm(KubernetesClient kubernetes, Path directory) throws IOException, InterruptedException {
        this(directory);
        Files.writeString(directory.resolve("kubeconfig"), Kubeconfig.of(kubernetes.getConfiguration()));
    }

    /** What a command printed, and how it ended. */
    public record Result(int status, String output, String errors) {
        /** The output, or an AssertionError with what was printed when the command failed, or said anything on stderr. */
        public String succeeded() {
            if (status != 0 || !errors.isEmpty()) {
                throw new AssertionError("helm ended with " + status + ": " + errors + output);
            }
            return output;
        }
    }

    public Result run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(helm.toString()));
        command.addAll(List.of(arguments));
        Path errors = directory.resolve("stderr");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
        for (String place : List.of("CACHE", "CONFIG", "DATA")) {
            builder.environment()
                    .put("HELM_" + place + "_HOME", directory.resolve(place).toString());
        }
        builder.environment().put("KUBECONFIG", directory.resolve("kubeconfig").toString());
        // What a client discovered is cached below the home directory by the server's address, which another server had
        // before.
        builder.environment().put("HOME", directory.toString());
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), output, Files.readString(errors));
    }

    private static Path program() throws IOException, InterruptedException {
        Process build = new ProcessBuilder("src/test/cluster/helm/build")
                .redirectError(Redirect.INHERIT)
                .start();
        String built = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (build.waitFor() != 0) {
            throw new IllegalStateException("src/test/cluster/helm/build failed");
        }
        return Path.of(built);
    }
}
