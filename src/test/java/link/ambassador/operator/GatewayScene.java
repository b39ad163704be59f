package link.ambassador.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import link.ambassador.kubernetes.AmbassadorCrds;
import link.ambassador.kubernetes.ApiServer;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives each test a {@link GatewayNamespace} and a {@link PlayedKubelet} of its own, on an API server that knows
 * Ambassadors. The operator is the test's affair.
 */
final class GatewayScene implements BeforeAllCallback, ParameterResolver {
    private static final ExtensionContext.Namespace STORE = ExtensionContext.Namespace.create(GatewayScene.class);

    @Override
    public void beforeAll(ExtensionContext test) {
        AmbassadorCrds.install(ApiServer.client(test));
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
        Class<?> type = parameter.getParameter().getType();
        return type == KubernetesClient.class || type == GatewayNamespace.class || type == PlayedKubelet.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
        Class<?> type = parameter.getParameter().getType();
        return type == KubernetesClient.class
                ? ApiServer.client(test)
                : type == GatewayNamespace.class ? namespace(test) : kubelet(test).kubelet;
    }

    private static GatewayNamespace namespace(ExtensionContext test) {
        return test.getStore(STORE)
                .getOrComputeIfAbsent(
                        GatewayNamespace.class,
                        key -> GatewayNamespace.create(ApiServer.client(test)),
                        GatewayNamespace.class);
    }

    private static KubeletAndFiles kubelet(ExtensionContext test) {
        return test.getStore(STORE)
                .getOrComputeIfAbsent(KubeletAndFiles.class, key -> KubeletAndFiles.start(test), KubeletAndFiles.class);
    }

    private record KubeletAndFiles(PlayedKubelet kubelet, Path directory) implements AutoCloseable {
        static KubeletAndFiles start(ExtensionContext test) {
            try {
                Path directory = Files.createTempDirectory("kubelet");
                return new KubeletAndFiles(
                        new PlayedKubelet(ApiServer.client(test), namespace(test), directory), directory);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            kubelet.close();
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(directory);
        }
    }
}
