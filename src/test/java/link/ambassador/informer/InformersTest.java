package link.ambassador.informer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import link.ambassador.kubernetes.OwnVertx;
import link.ambassador.operator.Warnings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the log has of an API server that closes the connection instead of answering the first list. */
class InformersTest {
    private final Warnings warnings = Warnings.listen();
    private ServerSocket apiServer;
    private KubernetesClient client;

    @BeforeEach
    void connect() throws IOException {
        apiServer = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        client = OwnVertx.client()
                .withConfig(new ConfigBuilder(Config.empty())
                        .withMasterUrl("http://127.0.0.1:" + apiServer.getLocalPort())
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        apiServer.close();
        warnings.close();
    }

    @Test
    void aListThatBreaksIsAWarning() throws IOException {
        Informers<Pod> pods = started("broken");

        apiServer.accept().close();

        await().until(() -> warned("restarting the watch of Pods of broken: "));
        pods.stop();
    }

    @Test
    void aListThatBreaksAfterTheStopIsNone() throws IOException {
        Informers<Pod> pods = started("stopped");

        Socket list = apiServer.accept();
        pods.stop();
        list.close();

        // The client's own line, which comes after that of Informers.
        await().until(() -> warned("listSyncAndWatch failed for v1/namespaces/stopped/pods"));
        assertThat(warned("Pods of stopped")).isFalse();
    }

    /** The namespace tells the lines of the tests apart, which run at the same time. */
    private Informers<Pod> started(String namespace) {
        Informers<Pod> pods = Informers.of("Pods of " + namespace, client.pods(), Set.of(namespace));
        pods.start();
        return pods;
    }

    private boolean warned(String words) {
        return warnings.all().stream().anyMatch(line -> line.contains(words));
    }
}
