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
import java.util.List;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a test a client of a real API server: etcd and kube-apiserver, and nothing else. No controllers run there, so
 * there is no garbage collection and no status of a Deployment.
 *
 * <p>It starts with the first test that asks for it and ends with the test run. Tests share it, so each keeps to a
 * namespace of its own.
 */
public final class ApiServer implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
        return parameter.getParameter().getType() == KubernetesClient.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
        return test.getRoot()
                .getStore(ExtensionContext.Namespace.GLOBAL)
                .getOrComputeIfAbsent(Running.class, key -> Running.start(), Running.class)
                .client;
    }

    private record Running(KubeAPIServer server, KubernetesClient client) implements AutoCloseable {
        static Running start() {
            var server = startServer();
            var config = Config.fromKubeconfig(server.getKubeConfigYaml());
            return new Running(
                    server, new KubernetesClientBuilder().withConfig(config).build());
        }

        /**
         * With the binaries of the end-to-end tests' cluster if they are there, so that both are of one version; else with
         * those that kube-api-test downloads; else they are built, which takes minutes.
         */
        private static KubeAPIServer startServer() {
            var existing = build("--existing");
            if (!existing.isEmpty()) {
                return startFrom(existing);
            }
            try {
                var server = new KubeAPIServer(KubeAPIServerConfigBuilder.anAPIServerConfig()
                        .withUpdateKubeConfig(false)
                        .build());
                server.start();
                return server;
            } catch (KubeAPITestException e) {
                System.err.println("API server: nothing to download, so it is built: " + e.getMessage());
                return startFrom(build());
            }
        }

        private static KubeAPIServer startFrom(String directory) {
            var server = new KubeAPIServer(KubeAPIServerConfigBuilder.anAPIServerConfig()
                    .withTestDir(directory)
                    .withOfflineMode(true)
                    .withUpdateKubeConfig(false)
                    .build());
            server.start();
            return server;
        }

        private static String build(String... arguments) {
            var command = new ProcessBuilder("src/test/cluster/build").redirectError(Redirect.INHERIT);
            command.command().addAll(List.of(arguments));
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
