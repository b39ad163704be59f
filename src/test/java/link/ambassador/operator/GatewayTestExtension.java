package link.ambassador.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.stream.Stream;
import link.ambassador.kubernetes.AmbassadorCrds;
import link.ambassador.kubernetes.ApiServer;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives each test a {@link GatewayNamespace} and a {@link FakeKubelet} or {@link FakeSidecars} of its own, on an API server that knows
 * Ambassadors. The operator is the test's affair.
 */
final class GatewayTestExtension implements BeforeAllCallback, ParameterResolver {
    private static final ExtensionContext.Namespace STORE =
            ExtensionContext.Namespace.create(GatewayTestExtension.class);

    @Override
    public void beforeAll(ExtensionContext test) {
        AmbassadorCrds.install(ApiServer.client(test));
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
        Class<?> type = parameter.getParameter().getType();
        return type == KubernetesClient.class
                || type == GatewayNamespace.class
                || type == FakeKubelet.class
                || type == FakeSidecars.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
        Class<?> type = parameter.getParameter().getType();
        if (type == KubernetesClient.class) {
            return ApiServer.client(test);
        }
        if (type == GatewayNamespace.class) {
            return namespace(test);
        }
        return type == FakeKubelet.class ? kubelet(test) : sidecars(test);
    }

    private static GatewayNamespace namespace(ExtensionContext test) {
        return test.getStore(STORE)
                .getOrComputeIfAbsent(
                        GatewayNamespace.class,
                        key -> GatewayNamespace.create(ApiServer.client(test)),
                        GatewayNamespace.class);
    }

    private static FakeKubelet kubelet(ExtensionContext test) {
        return (FakeKubelet) test.getStore(STORE)
                .getOrComputeIfAbsent(
                        FakeKubelet.class,
                        key -> WithFiles.of(
                                directory -> new FakeKubelet(ApiServer.client(test), namespace(test), directory)),
                        WithFiles.class)
                .player();
    }

    private static FakeSidecars sidecars(ExtensionContext test) {
        return (FakeSidecars) test.getStore(STORE)
                .getOrComputeIfAbsent(
                        FakeSidecars.class,
                        key -> WithFiles.of(
                                directory -> new FakeSidecars(ApiServer.client(test), namespace(test), directory)),
                        WithFiles.class)
                .player();
    }

    /** A fake kubelet, and the directory of its files, which is deleted with it. */
    private record WithFiles(Closeable player, Path directory) implements Closeable {
        static WithFiles of(Function<Path, Closeable> player) {
            try {
                Path directory = Files.createTempDirectory("kubelet");
                return new WithFiles(player.apply(directory), directory);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            player.close();
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(directory);
        }
    }
}
