package link.ambassador.relayspec;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Relays that speak mutual TLS with each other: the near one to its upstream, the far one to its downstream. Each verifies the other's
 * certificate, speaks one version of TLS, and resumes no session.
 */
public final class TlsPeers {
    /** A version of TLS in the words of the relays. */
    public enum Version {
        TLS_1_2("1.2"),
        TLS_1_3("1.3");

        private final String number;

        Version(String number) {
            this.number = number;
        }

        private String withV() {
            return "TLSv" + number;
        }
    }

    /** Where a relay has TLS. */
    public enum Side {
        NEAR,
        BOTH,
        FAR
    }

    private final TlsCertificates certificates;

    public TlsPeers(TlsCertificates certificates) {
        this.certificates = certificates;
    }

    /** {@link #ours} in a chain of two, where each has one leg with TLS; or of three, where the middle one has both. */
    private RelayUnderTest ours(List<String> command, Version version, String transport, boolean both) {
        Map<String, String> variables = Map.of("AMBASSADOR_TRANSPORT", transport);
        List<CommandLineRelay> relays = new ArrayList<>(
                List.of(ours(command, version, Side.NEAR, variables), ours(command, version, Side.FAR, variables)));
        if (both) {
            relays.add(1, ours(command, version, Side.BOTH, variables));
        }
        return new RelayChain(
                "ambassador, " + transport + (both ? ", both legs, TLS " : ", TLS ") + version.number, "", relays);
    }

    /** The program of this build, started by {@code command}. */
    public CommandLineRelay ours(List<String> command, Version version, Side side, Map<String, String> variables) {
        Map<String, String> all = new HashMap<>(variables);
        all.put("AMBASSADOR_TLS_DIRECTORY", certificates.directory().toString());
        all.put("AMBASSADOR_TLS_MAX_VERSION", version.number);
        return Peers.oursWithTable("ambassador", command, all, (port, target) -> {
            String upstream = side == Side.FAR
                    ? ""
                    : """
                      , "upstreamTls": {"mode": "ClientAndServer", "trust": ["ca"], "hostname": "%s", "clientCertificate": "near", "minVersion": "%s"}"""
                            .formatted(TlsCertificates.FAR_NAME, version.number);
            String downstream = side == Side.NEAR
                    ? ""
                    : """
                      , "downstreamTls": {"certificate": "far", "clientTrust": ["ca"]}""";
            return """
                   {"requires": ["tls/1"], "trust": {"ca": "%s"}, "links": [{"alias": "up", "listen": %d,
                    "targets": [{"host": "%s", "port": %d}]%s%s}]}
                   """
                    .formatted(
                            certificates.authorityInJson(),
                            port,
                            target.getAddress().getHostAddress(),
                            target.getPort(),
                            upstream,
                            downstream);
        });
    }

    public CommandLineRelay haproxy(Version version, Side side) {
        String versions = " ssl-min-ver " + version.withV() + " ssl-max-ver " + version.withV();
        String bind = " ssl crt " + certificates.pair("far") + " ca-file " + certificates.authority()
                + " verify required no-tls-tickets" + versions;
        String server = " ssl verify required ca-file " + certificates.authority() + " crt " + certificates.pair("near")
                + " sni str(" + TlsCertificates.FAR_NAME + ") verifyhost " + TlsCertificates.FAR_NAME + " no-ssl-reuse"
                + versions;
        return Peers.haproxy("HAProxy", List.of(), side == Side.NEAR ? "" : bind, side == Side.FAR ? "" : server);
    }

    public CommandLineRelay nginx(Version version, Side side) {
        List<String> lines = new ArrayList<>();
        if (side != Side.NEAR) {
            lines.add("ssl_certificate " + certificates.certificate("far"));
            lines.add("ssl_certificate_key " + certificates.key("far"));
            lines.add("ssl_client_certificate " + certificates.authority());
            lines.add("ssl_verify_client on");
            lines.add("ssl_session_tickets off");
            lines.add("ssl_protocols " + version.withV());
        }
        if (side != Side.FAR) {
            lines.add("proxy_ssl on");
            lines.add("proxy_ssl_certificate " + certificates.certificate("near"));
            lines.add("proxy_ssl_certificate_key " + certificates.key("near"));
            lines.add("proxy_ssl_trusted_certificate " + certificates.authority());
            lines.add("proxy_ssl_verify on");
            lines.add("proxy_ssl_name " + TlsCertificates.FAR_NAME);
            lines.add("proxy_ssl_server_name on");
            lines.add("proxy_ssl_session_reuse off");
            lines.add("proxy_ssl_protocols " + version.withV());
        }
        return Peers.nginx("nginx", true, side != Side.NEAR, lines);
    }

    public CommandLineRelay stunnel(Version version, Side side) {
        return new CommandLineRelay("stunnel4", "", (port, target) -> {
            Path file = Files.createTempFile("relayspec-stunnel", ".conf");
            file.toFile().deleteOnExit();
            Files.writeString(
                    file,
                    """
                    foreground = yes
                    pid =
                    syslog = no
                    debug = err
                    [relay]
                    client = %s
                    accept = 127.0.0.1:%d
                    connect = %s
                    cert = %s
                    CAfile = %s
                    verifyChain = yes
                    sslVersion = %s
                    sessionResume = no
                    %s
                    """
                            .formatted(
                                    side == Side.NEAR ? "yes" : "no",
                                    port,
                                    hostPort(target),
                                    certificates.pair(side == Side.NEAR ? "near" : "far"),
                                    certificates.authority(),
                                    version.withV(),
                                    side == Side.NEAR ? "checkHost = " + TlsCertificates.FAR_NAME : ""),
                    StandardCharsets.UTF_8);
            return List.of("stunnel4", file.toString());
        });
    }

    /** Whether the PATH has it. Debian has no package of it. */
    public static boolean hasGhostunnel() throws IOException {
        return new ProcessBuilder("sh", "-c", "command -v ghostunnel")
                        .start()
                        .onExit()
                        .join()
                        .exitValue()
                == 0;
    }

    /** It takes no version: it speaks 1.3 with its like. On one processor, as the others. */
    public CommandLineRelay ghostunnel(Side side) {
        return new CommandLineRelay(
                "ghostunnel",
                "",
                (port, target) -> {
                    String name = side == Side.NEAR ? "near" : "far";
                    List<String> command = new ArrayList<>(List.of(
                            "ghostunnel",
                            side == Side.NEAR ? "client" : "server",
                            "--listen=127.0.0.1:" + port,
                            "--target=" + hostPort(target),
                            "--cert=" + certificates.certificate(name),
                            "--key=" + certificates.key(name),
                            "--cacert=" + certificates.authority()));
                    command.add(
                            side == Side.NEAR ? "--override-server-name=" + TlsCertificates.FAR_NAME : "--allow-all");
                    return command;
                },
                (port, target) -> Map.of("GOMAXPROCS", "1"));
    }

    private static String hostPort(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    private static RelayUnderTest pair(String name, Version version, CommandLineRelay near, CommandLineRelay far) {
        return new RelayChain(name + ", TLS " + version.number, near.version(), List.of(near, far));
    }

    /**
     * All of them, each with itself as its other side. This project's come first.
     *
     * @param command starts this project's relay
     */
    List<Supplier<RelayUnderTest>> all(List<String> command) throws IOException {
        List<Supplier<RelayUnderTest>> all = new ArrayList<>();
        for (String transport : List.of("epoll", "nio")) {
            for (Version version : Version.values()) {
                all.add(() -> ours(command, version, transport, false));
                all.add(() -> ours(command, version, transport, true));
            }
        }
        for (Version version : Version.values()) {
            all.add(() -> pair("HAProxy", version, haproxy(version, Side.NEAR), haproxy(version, Side.FAR)));
            all.add(() -> pair("nginx stream", version, nginx(version, Side.NEAR), nginx(version, Side.FAR)));
            all.add(() -> pair("stunnel4", version, stunnel(version, Side.NEAR), stunnel(version, Side.FAR)));
        }
        if (hasGhostunnel()) {
            all.add(() -> pair("ghostunnel", Version.TLS_1_3, ghostunnel(Side.NEAR), ghostunnel(Side.FAR)));
        }
        return all;
    }
}
