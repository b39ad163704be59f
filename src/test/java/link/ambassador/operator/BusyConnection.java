package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;

/** A consumer's connection through a relay that has a target, and waits for an answer, so that a drain leaves it open for a while. */
record BusyConnection(Socket consumer, Socket target) implements AutoCloseable {
    static BusyConnection open(String relay, ServerSocket server) throws IOException {
        Socket consumer = new Socket(relay, 6379);
        consumer.setSoTimeout((int) GatewayNamespace.SOON.toMillis());
        consumer.getOutputStream().write('?');
        Socket target = server.accept();
        assertThat(target.getInputStream().read()).isEqualTo('?');
        return new BusyConnection(consumer, target);
    }

    /** A target's address, for a link. */
    static String address(ServerSocket server) {
        return server.getInetAddress().getHostAddress() + ":" + server.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        consumer.close();
        target.close();
    }
}
