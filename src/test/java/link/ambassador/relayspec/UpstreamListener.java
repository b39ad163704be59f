package link.ambassador.relayspec;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.util.Optional;

/** The listener that the relay dials. */
final class UpstreamListener implements AutoCloseable {

    private static final int BACKLOG = 1024;
    private static final int ACCEPT_MILLIS = 6_000;

    private final ServerSocket socket = new ServerSocket();

    UpstreamListener(InetSocketAddress address, int receiveBuffer) throws IOException {
        try {
            socket.setReuseAddress(true);
            if (receiveBuffer > 0) {
                socket.setReceiveBufferSize(receiveBuffer);
            }
            socket.bind(address, BACKLOG);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    Upstream accept() throws IOException {
        return acceptWithin(ACCEPT_MILLIS).orElseThrow(() -> new AssertionError("the relay did not dial"));
    }

    Optional<Upstream> acceptWithin(int millis) throws IOException {
        socket.setSoTimeout(millis);
        try {
            return Optional.of(new Upstream(socket.accept()));
        } catch (SocketTimeoutException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
