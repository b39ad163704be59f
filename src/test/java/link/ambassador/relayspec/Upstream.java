package link.ambassador.relayspec;

import java.io.IOException;
import java.net.Socket;

/** The side that the relay connects to. */
public final class Upstream extends Peer {

    Upstream(Socket socket) throws IOException {
        super("upstream", socket);
    }
}
