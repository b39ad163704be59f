package link.ambassador.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The real kubectl, as the user of a client and in one namespace. */
public final class Kubectl {
    /** The folder of the plugin: with {@code -Dplugin}, one where a release's archive was unpacked. */
    private static final Path PLUGIN = Path.of(System.getProperty("plugin", "kubernetes"));

    private final Path kubectl;
    private final Path directory;
    private final Path kubeconfig;

    /** @param directory an empty one, for the files it needs */
    public Kubectl(KubernetesClient kubernetes, String namespace, Path directory)
            throws IOException, InterruptedException {
        this.kubectl = program();
        this.directory = directory;
        // As the context's namespace and not as an option, which objects of another namespace contradict.
        Config account = new ConfigBuilder(kubernetes.getConfiguration())
                .withNamespace(namespace)
                .build();
        this.kubeconfig = Files.writeString(directory.resolve("kubeconfig"), Kubeconfig.of(account));
    }

    /** What a command printed, on either stream, and how it ended. */
    public record Result(int status, String output) {
        /** This result, or an AssertionError with what was printed when the command failed. */
        public Result succeeded() {
            if (status != 0) {
                throw new AssertionError("kubectl ended with " + status + ": " + output);
            }
            return this;
        }
    }

    /** Runs {@code kubectl ambassador} with these arguments. */
    public Result plugin(String... arguments) throws IOException, InterruptedException {
        return run(
                "", Stream.concat(Stream.of("ambassador"), Stream.of(arguments)).toArray(String[]::new));
    }

    /** Runs {@code kubectl} with these arguments; {@code stdin} is what {@code -f -} reads. */
    public Result run(String stdin, String... arguments) throws IOException, InterruptedException {
        Path input = Files.writeString(directory.resolve("stdin"), stdin);
        List<String> command = new ArrayList<>(List.of(kubectl.toString()));
        command.addAll(List.of(arguments));
        return run(new ProcessBuilder(command).redirectInput(input.toFile()));
    }

    /** Runs commands of a page in a shell, which ends with the first one that fails; and what they leave in the background with it. */
    public Result shell(Path workingDirectory, String commands) throws IOException, InterruptedException {
        String script = "set -euo pipefail\ntrap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n" + commands;
        return run(new ProcessBuilder("bash", "-c", script)
                .directory(workingDirectory.toFile())
                .redirectInput(Redirect.from(new File("/dev/null"))));
    }

    private Result run(ProcessBuilder builder) throws IOException, InterruptedException {
        // What it discovered is cached below the home directory by the server's address, which another server had
        // before.
        Map<String, String> environment = builder.environment();
        environment.put("HOME", directory.toString());
        environment.put("KUBECONFIG", kubeconfig.toString());
        environment.put("PATH", kubectl.getParent() + ":" + PLUGIN.toAbsolutePath() + ":" + environment.get("PATH"));
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), output);
    }

    /** The one that came with the API server, if kube-api-test downloaded it; else that of the cluster's build. */
    public static Path program() throws IOException, InterruptedException {
        Path downloaded = Path.of(System.getProperty("user.home"), ".kubeapitest", "k8s");
        if (Files.isDirectory(downloaded)) {
            try (Stream<Path> versions = Files.list(downloaded)) {
                Optional<Path> newest = versions.map(version -> version.resolve("kubectl"))
                        .filter(Files::isExecutable)
                        .max(Path::compareTo);
                if (newest.isPresent()) {
                    return newest.get();
                }
            }
        }
        Process build = new ProcessBuilder("src/test/cluster/build")
                .redirectError(Redirect.INHERIT)
                .start();
        String built = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (build.waitFor() != 0) {
            throw new IllegalStateException("src/test/cluster/build failed");
        }
        return Path.of(built, "kubectl");
    }
}
