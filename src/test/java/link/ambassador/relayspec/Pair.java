package link.ambassador.relayspec;

import java.io.IOException;

/** The two ends of one relayed connection. */
public record Pair(Downstream downstream, Upstream upstream) {

    /** Sends one message each way. */
    public void pingPong() throws IOException {
        pingPong(1);
    }

    /** Sends a message each way, {@code rounds} times. */
    public void pingPong(int rounds) throws IOException {
        for (int i = 0; i < rounds; i++) {
            downstream.send("ping");
            upstream.expectBytes("ping");
            upstream.send("pong");
            downstream.expectBytes("pong");
        }
    }
}
