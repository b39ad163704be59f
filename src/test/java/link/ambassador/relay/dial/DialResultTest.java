package link.ambassador.relay.dial;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ConnectTimeoutException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import link.ambassador.relay.dns.UnresolvedException;
import link.ambassador.relay.dns.UnresolvedException.Reason;
import org.junit.jupiter.api.Test;

/** The results of failures, with the messages of both transports. */
class DialResultTest {

    @Test
    void refusals() {
        assertThat(DialResult.of(new ConnectException("Connection refused"))).isEqualTo(DialResult.REFUSED);
        assertThat(DialResult.of(new ConnectException("finishConnect(..) failed: Connection refused: /192.0.2.1:1")))
                .isEqualTo(DialResult.REFUSED);
    }

    @Test
    void missingRoutes() {
        assertThat(DialResult.of(new NoRouteToHostException("No route to host")))
                .isEqualTo(DialResult.UNREACHABLE);
        assertThat(DialResult.of(new SocketException("Network is unreachable"))).isEqualTo(DialResult.UNREACHABLE);
        assertThat(DialResult.of(new ConnectException("connect(..) failed: Network is unreachable")))
                .isEqualTo(DialResult.UNREACHABLE);
    }

    @Test
    void silences() {
        assertThat(DialResult.of(new ConnectTimeoutException("connection timed out")))
                .isEqualTo(DialResult.TIMEOUT);
        assertThat(DialResult.of(new ConnectException("Connection timed out"))).isEqualTo(DialResult.TIMEOUT);
    }

    @Test
    void names() {
        assertThat(DialResult.of(new UnresolvedException(Reason.NOT_FOUND, ""))).isEqualTo(DialResult.NAME_NOT_FOUND);
        assertThat(DialResult.of(new UnresolvedException(Reason.TIMEOUT, ""))).isEqualTo(DialResult.NAME_UNRESOLVED);
    }

    @Test
    void anythingElse() {
        assertThat(DialResult.of(new IOException("Too many open files"))).isEqualTo(DialResult.OTHER);
        assertThat(DialResult.of(new IOException())).isEqualTo(DialResult.OTHER);
    }
}
