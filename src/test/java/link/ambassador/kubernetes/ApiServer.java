package link.ambassador.kubernetes;

import io.fabric8.kubeapitest.KubeAPIServer;
import io.fabric8.kubeapitest.KubeAPIServerConfigBuilder;
import io.fabric8.kubeapitest.KubeAPITestException;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a test a client of a real API server: etcd and kube-apiserver, and nothing else. No controllers run there, so
 * there is no garbage collection and no status of a Deployment.
 *
 * <p>It starts with the first test of a process that asks for it, and ends with the process' last. So classes share it, one
 * after the other: each keeps to namespaces of its own, and takes away or puts back what is not in one.
 */
public final class ApiServer implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
        return parameter.getParameter().getType() == KubernetesClient.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
        return client(test);
    }

    /** The client that a test of this context is given. */
    public static KubernetesClient client(ExtensionContext test) {
        return test.getStore(StoreScope.LAUNCHER_SESSION, ExtensionContext.Namespace.GLOBAL)
                .getOrComputeIfAbsent(Running.class, key -> Running.start(UnaryOperator.identity()), Running.class)
                .client;
    }

    private static final Duration TO_START = Duration.ofSeconds(60);

    private static final String KUBERNETES_MODULE = "k8s.io/kubernetes v";

    /**
     * One of a test's own, which ends with it: for what an API server is told at its start.
     *
     * @param flag and its value, beside those that every one has here
     */
    public static Running start(String flag, String value) {
        return Running.start(config -> config.withApiServerFlag(flag, value));
    }

    /**
     * An API server and its etcd.
     *
     * @param client of an administrator
     */
    public record Running(KubeAPIServer server, KubernetesClient client) implements AutoCloseable {
        private static Running start(UnaryOperator<KubeAPIServerConfigBuilder> flags) {
            var server = startServer(flags);
            var config = Config.fromKubeconfig(server.getKubeConfigYaml());
            return new Running(
                    server, new KubernetesClientBuilder().withConfig(config).build());
        }

        /**
         * With the binaries that kube-api-test downloads, or downloaded once; where there is nothing to download, with those
         * of the end-to-end tests' cluster, which take minutes to build once. Both are of one minor version of Kubernetes.
         */
        private static KubeAPIServer startServer(UnaryOperator<KubeAPIServerConfigBuilder> flags) {
            // A network that swallows packets would hold the download for minutes otherwise.
            System.setProperty("sun.net.client.defaultConnectTimeout", "5000");
            var version = version();
            try {
                return start(flags.apply(KubeAPIServerConfigBuilder.anAPIServerConfig())
                        .withApiServerVersion(version.replaceFirst("[0-9]+$", "*")));
            } catch (KubeAPITestException e) {
                System.err.println(
                        "API server: the one that is built here, because of kube-api-test's: " + e.getMessage());
                return start(flags.apply(KubeAPIServerConfigBuilder.anAPIServerConfig())
                        .withTestDir(build())
                        .withApiServerVersion(version)
                        .withOfflineMode(true));
            }
        }

        private static KubeAPIServer start(KubeAPIServerConfigBuilder config) {
            passMidnight();
            var server = new KubeAPIServer(config.withUpdateKubeConfig(false)
                    .withStartupTimeout((int) TO_START.toMillis())
                    .build());
            server.start();
            return server;
        }

        /**
         * kube-api-test 7.4 reckons with the time of day: a start that may last beyond midnight is at once too late for it.
         */
        private static void passMidnight() {
            var now = LocalTime.now(ZoneId.systemDefault());
            if (now.isAfter(LocalTime.MAX.minus(TO_START))) {
                try {
                    Thread.sleep(
                            Duration.between(now, LocalTime.MAX).plusMillis(1).toMillis());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException(e);
                }
            }
        }

        /** The version that the cluster is built from, as in "1.35.4". */
        private static String version() {
            try (var lines = Files.lines(Path.of("src/test/cluster/components/go.mod"))) {
                return lines.map(String::strip)
                        .filter(line -> line.startsWith(KUBERNETES_MODULE))
                        .findFirst()
                        .orElseThrow()
                        .substring(KUBERNETES_MODULE.length());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static String build() {
            var command = new ProcessBuilder("src/test/cluster/build").redirectError(Redirect.INHERIT);
            try {
                var process = command.start();
                var directory = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
                if (process.waitFor() != 0) {
                    throw new IllegalStateException(command.command() + " failed");
                }
                return directory;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            client.close();
            server.stop();
        }
    }
}
