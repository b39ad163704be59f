package link.ambassador.relay;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import link.ambassador.config.DownstreamTls;
import link.ambassador.config.UpstreamTls;
import link.ambassador.relay.tls.TestAuthority;
import link.ambassador.relayspec.RelayUnderTest;

/** A relay whose upstream is another one, with mutual TLS in between, for relayspec: in plain text on both outer sides. */
final class TwoRelays implements RelayUnderTest {
    private static final String NAME = "far.example.com";
    private static final TestAuthority AUTHORITY = new TestAuthority("relayspec");
    private static final Path CERTIFICATES = certificates();

    private final Settings.Transport transport;
    private TestRelay near;
    private TestRelay far;

    TwoRelays(Settings.Transport transport) {
        this.transport = transport;
    }

    private static Path certificates() {
        try {
            Path directory = Files.createTempDirectory("two-relays");
            AUTHORITY.leaf(NAME).write(directory.resolve("far"));
            AUTHORITY.leaf("near.example.com").write(directory.resolve("near"));
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String name() {
        return "ambassador, two with TLS in between";
    }

    @Override
    public void start(int listenPort, InetSocketAddress target) {
        Map<String, String> variables = Map.of(
                "AMBASSADOR_TRANSPORT",
                transport.name().toLowerCase(Locale.ROOT),
                "AMBASSADOR_TLS_DIRECTORY",
                CERTIFICATES.toString());
        InetSocketAddress between = TestRelay.freeAddress();
        far = TestRelay.start(variables, between, target, link -> link.toBuilder()
                .downstreamTls(Optional.of(new DownstreamTls(
                        "far", Optional.of(AUTHORITY.trust()), List.of(), DownstreamTls.DEFAULT_HANDSHAKE_TIMEOUT)))
                .build());
        near = TestRelay.start(
                variables,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), listenPort),
                between,
                link -> link.toBuilder()
                        .upstreamTls(Optional.of(new UpstreamTls(
                                AUTHORITY.trust(),
                                Optional.of(NAME),
                                List.of(),
                                Optional.of("near"),
                                UpstreamTls.DEFAULT_NEGOTIATION,
                                UpstreamTls.DEFAULT_MIN_VERSION)))
                        .build());
    }

    @Override
    public void close() {
        near.close();
        far.close();
    }
}
