package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.LinkTableWriter;
import link.ambassador.config.Target;
import link.ambassador.config.UpstreamTls;
import link.ambassador.relay.tls.TestAuthority;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A relay without a link that has TLS loads nothing of what does TLS: no library, no engine, no handshake. */
final class TlsIsLazyIT {
    private static final Pattern OF_TLS = Pattern.compile(
            "(io\\.netty\\.handler\\.ssl\\.SslHandler|io\\.netty\\.internal\\.tcnative\\.SSL|link\\.ambassador\\.relay\\.tls\\.(TlsHandshake|TlsRecords|TlsContext|Contexts|PeerVerifier|OwnCertificate)|sun\\.security\\.ssl\\.\\w+) ");

    @TempDir
    private Path directory;

    @Test
    void aRelayLoadsTlsWithItsFirstLinkThatHasIt() throws Exception {
        Link plain = Link.of("up", LoopbackPort.free(), List.of(new Target("db.example.com", 5432)));
        Link secured = plain.toBuilder()
                .upstreamTls(Optional.of(new UpstreamTls(
                        new TestAuthority("a").trust(),
                        Optional.empty(),
                        List.of(),
                        Optional.empty(),
                        UpstreamTls.DEFAULT_NEGOTIATION,
                        UpstreamTls.DEFAULT_MIN_VERSION)))
                .build();

        assertThat(loaded(plain)).isFalse();
        assertThat(loaded(secured)).isTrue();
    }

    /** Whether a relay of this link loads classes of TLS. */
    private boolean loaded(Link link) throws Exception {
        Path table = Files.write(directory.resolve("links.json"), LinkTableWriter.write(LinkTable.of(List.of(link))));
        Path classes = directory.resolve("classes");
        try (JavaRelay relay = JavaRelay.start(
                        Jdk.running(),
                        Map.of(
                                "AMBASSADOR_LINKS_FILE",
                                table.toString(),
                                "JAVA_TOOL_OPTIONS",
                                "-Xlog:class+load:file=" + classes))
                .expecting("Picked up JAVA_TOOL_OPTIONS")
                .started()) {
            relay.ask("GET", "/links");
            relay.ask("GET", "/metrics");
            return names(classes);
        }
    }

    private static boolean names(Path classes) throws IOException {
        return OF_TLS.matcher(Files.readString(classes)).find();
    }
}
