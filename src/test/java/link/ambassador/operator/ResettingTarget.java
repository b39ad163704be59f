package link.ambassador.operator;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A target that accepts each connection and resets it. */
final class ResettingTarget implements AutoCloseable {
    private final ServerSocket listening;
    private final Set<String> sources = ConcurrentHashMap.newKeySet();

    ResettingTarget(InetAddress address) throws IOException {
        listening = new ServerSocket(0, 50, address);
        Thread thread = new Thread(this::run, "resets connections");
        thread.setDaemon(true);
        thread.start();
    }

    String host() {
        return listening.getInetAddress().getHostAddress();
    }

    int port() {
        return listening.getLocalPort();
    }

    /** The addresses that connections came from. */
    Set<String> sources() {
        return Set.copyOf(sources);
    }

    private void run() {
        while (!listening.isClosed()) {
            try (Socket accepted = listening.accept()) {
                sources.add(accepted.getInetAddress().getHostAddress());
                accepted.setSoLinger(true, 0);
            } catch (IOException closed) {
                // The end of the test.
            }
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
