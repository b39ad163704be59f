package link.ambassador.operator;

import java.io.IOException;
import java.net.InetAddress;
import link.ambassador.relay.LoopbackPort;

/** Two targets that answer, and the address of one that does not. */
final class PreflightTargets implements AutoCloseable {
    private final InetAddress here = OwnAddress.find();
    final NamedServer a = new NamedServer("a", here, 0);
    NamedServer b = new NamedServer("b", here, 0);
    final String nobody = here.getHostAddress() + ":" + LoopbackPort.free();

    PreflightTargets() throws IOException {}

    /** The second one answers again. */
    void listenOnB() throws IOException {
        b = new NamedServer("b", here, b.port());
    }

    @Override
    public void close() throws IOException {
        a.close();
        b.close();
    }
}
