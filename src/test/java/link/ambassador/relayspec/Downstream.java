package link.ambassador.relayspec;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;

/** The side that connects to the relay. */
public final class Downstream extends Peer {

    private Downstream(Socket socket) throws IOException {
        super("downstream", socket);
    }

    public static Downstream connect(InetSocketAddress relay) throws IOException {
        return connect(relay, 0);
    }

    /**
     * With a receive buffer of this size; 0 is the kernel's default. Set before the connect, so that it bounds the
     * window.
     */
    public static Downstream connect(InetSocketAddress relay, int receiveBuffer) throws IOException {
        Socket socket = new Socket();
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        try {
            // No timeout: with one, Java reads the socket's error afterwards, and a reset right after the handshake
            // would look like a failed connect.
            socket.connect(relay);
            return new Downstream(socket);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }
}
