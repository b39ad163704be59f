package link.ambassador.relayspec;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A listener with a full accept queue, for an upstream that does not answer. The kernel drops further SYNs, and the
 * dialer's kernel sends them again after about 1 and 3 s. So no route or packet filter is needed.
 */
public final class BlackHole implements AutoCloseable {

    private static final int FILLER_MILLIS = 150;
    private static final int MOST_FILLERS = 16;
    private static final int ACCEPT_MILLIS = 6_000;

    private final ServerSocket socket = new ServerSocket();
    private final List<Socket> fillers = new ArrayList<>();

    BlackHole(InetSocketAddress address) throws IOException {
        socket.setReuseAddress(true);
        socket.bind(address, 1);
        while (fill(address)) {
            if (fillers.size() == MOST_FILLERS) {
                throw new IOException("the accept queue does not fill");
            }
        }
    }

    private boolean fill(InetSocketAddress address) throws IOException {
        Socket filler = new Socket();
        try {
            filler.connect(address, FILLER_MILLIS);
            fillers.add(filler);
            return true;
        } catch (SocketTimeoutException full) {
            filler.close();
            return false;
        }
    }

    /** Makes room, so that a connect succeeds at its next SYN. */
    void open() throws IOException {
        for (int i = 0; i < fillers.size(); i++) {
            socket.accept().close();
        }
    }

    Upstream accept() throws IOException {
        return acceptWithin(ACCEPT_MILLIS).orElseThrow(() -> new AssertionError("the relay did not dial again"));
    }

    Optional<Upstream> acceptWithin(int millis) throws IOException {
        Set<Integer> ours = new HashSet<>();
        fillers.forEach(filler -> ours.add(filler.getLocalPort()));
        socket.setSoTimeout(millis);
        while (true) {
            Socket accepted;
            try {
                accepted = socket.accept();
            } catch (SocketTimeoutException e) {
                return Optional.empty();
            }
            if (!ours.contains(accepted.getPort())) {
                return Optional.of(new Upstream(accepted));
            }
            accepted.close();
        }
    }

    @Override
    public void close() throws IOException {
        for (Socket filler : fillers) {
            filler.close();
        }
        socket.close();
    }
}
