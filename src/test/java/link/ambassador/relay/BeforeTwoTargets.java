package link.ambassador.relay;

import java.io.IOException;
import java.net.InetSocketAddress;
import link.ambassador.relayspec.Wire;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A relay before a target that listens, and another target that can: {@code onA} and {@code onB} are the wires to both. */
abstract class BeforeTwoTargets {
    TestRelay relay;
    InetSocketAddress b;
    Wire onA;
    Wire onB;

    @BeforeEach
    void start() throws IOException {
        relay = TestRelay.start();
        b = TestRelay.freeAddress();
        onA = relay.wire;
        onB = new Wire(relay.address, b);
        onA.listen();
    }

    @AfterEach
    void stop() {
        onB.close();
        relay.close();
    }
}
