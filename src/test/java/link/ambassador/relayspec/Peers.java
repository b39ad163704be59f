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
import java.util.stream.Collectors;

/** Debian's relays, as people run them, and this project's relay as a process. */
public final class Peers {

    /** There is one JVM for each scenario, and most end soon: a fast start matters more than fast code. */
    private static final List<String> SHORT_LIVED =
            List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx256m");

    private Peers() {}

    /** The command of Docker's ambassador container. */
    public static CommandLineRelay socat() {
        return new CommandLineRelay(
                "socat",
                Version.of("socat", "-V"),
                (port, target) -> List.of(
                        "socat",
                        "-t",
                        "100000000",
                        "TCP4-LISTEN:" + port + ",fork,reuseaddr",
                        "TCP4:" + hostPort(target)));
    }

    static RelayUnderTest nginx(boolean halfClose) {
        return nginx(halfClose ? "nginx stream, `proxy_half_close on`" : "nginx stream", halfClose);
    }

    public static CommandLineRelay nginx(String name, boolean halfClose) {
        return nginx(name, halfClose, false, List.of());
    }

    /**
     * The same with TLS.
     *
     * @param tls whether it has TLS on the side of its downstreams
     * @param directives more of its server, without semicolons
     */
    static CommandLineRelay nginx(String name, boolean halfClose, boolean tls, List<String> directives) {
        return new CommandLineRelay(name, Version.of("nginx", "-v"), (port, target) -> {
            Path directory = Files.createTempDirectory("relayspec-nginx");
            directory.toFile().deleteOnExit();
            Path config = write(
                    directory.resolve("nginx.conf"),
                    """
                    load_module /usr/lib/nginx/modules/ngx_stream_module.so;
                    daemon off;
                    pid %s/nginx.pid;
                    error_log stderr crit;
                    worker_processes 1;
                    events { worker_connections 16384; }
                    stream {
                      server {
                        listen 127.0.0.1:%d%s;
                        proxy_half_close %s;
                        proxy_pass %s;
                        %s
                      }
                    }
                    """
                            .formatted(
                                    directory,
                                    port,
                                    tls ? " ssl" : "",
                                    halfClose ? "on" : "off",
                                    hostPort(target),
                                    directives.stream().map(line -> line + ";").collect(Collectors.joining("\n    "))));
            return List.of("nginx", "-c", config.toString(), "-p", directory.toString());
        });
    }

    static RelayUnderTest haproxy() {
        return haproxy("HAProxy, tcp mode", List.of());
    }

    /** With more lines in its defaults, such as {@code option splice-request}. */
    public static CommandLineRelay haproxy(String name, List<String> options) {
        return haproxy(name, options, "", "");
    }

    /**
     * The same with TLS.
     *
     * @param bind more of its line {@code bind}
     * @param server more of its line {@code server}
     */
    static CommandLineRelay haproxy(String name, List<String> options, String bind, String server) {
        return new CommandLineRelay(name, Version.of("haproxy", "-v"), (port, target) -> {
            Path directory = Files.createTempDirectory("relayspec-haproxy");
            directory.toFile().deleteOnExit();
            Path config = write(
                    directory.resolve("haproxy.cfg"),
                    """
                    global
                      maxconn 6000
                      nbthread 1
                    defaults
                      mode tcp
                      timeout connect 5s
                      timeout client 1h
                      timeout server 1h
                      %s
                    listen relay
                      bind 127.0.0.1:%d%s
                      server upstream %s%s
                    """
                            .formatted(String.join("\n  ", options), port, bind, hostPort(target), server));
            return List.of("haproxy", "-db", "-f", config.toString());
        });
    }

    /** The program of this build, started by {@code command}, with one link variable and {@code variables}. */
    public static CommandLineRelay ours(String name, List<String> command, Map<String, String> variables) {
        return new CommandLineRelay(name, "this tree", (port, target) -> command, (port, target) -> {
            Map<String, String> environment = new HashMap<>(Map.of(
                    "UP_PORT_" + port + "_TCP",
                    "tcp://" + hostPort(target),
                    "AMBASSADOR_LISTEN_HOST",
                    "127.0.0.1",
                    "AMBASSADOR_ADMIN_PORT",
                    Integer.toString(adminPort(port))));
            environment.putAll(variables);
            return environment;
        });
    }

    /** The same with a link table, which is written before it starts. */
    static CommandLineRelay oursWithTable(
            String name, List<String> command, Map<String, String> variables, Table table) {
        return new CommandLineRelay(
                name,
                "this tree",
                (port, target) -> {
                    write(tableFile(port), table.of(port, target));
                    return command;
                },
                (port, target) -> {
                    Map<String, String> environment = new HashMap<>(Map.of(
                            "AMBASSADOR_LINKS_FILE",
                            tableFile(port).toString(),
                            "AMBASSADOR_LISTEN_HOST",
                            "127.0.0.1",
                            "AMBASSADOR_ADMIN_PORT",
                            Integer.toString(adminPort(port))));
                    environment.putAll(variables);
                    return environment;
                });
    }

    /** The link table of a relay that listens on this port. */
    @FunctionalInterface
    interface Table {
        String of(int port, InetSocketAddress target) throws IOException;
    }

    private static Path tableFile(int port) {
        return Path.of(System.getProperty("java.io.tmpdir"), "relayspec-" + port + ".json");
    }

    private static List<String> shortLived(Path jar) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(SHORT_LIVED);
        command.addAll(List.of("-jar", jar.toString(), "relay"));
        return command;
    }

    /**
     * All relays; this project's is the first, if it is built.
     *
     * @param built the jar; or a directory like the image's {@code /ambassador}, which is started as in the image
     */
    static List<Supplier<RelayUnderTest>> all(Path built) {
        List<Supplier<RelayUnderTest>> all = new ArrayList<>();
        if (Files.exists(built)) {
            String name = Files.isDirectory(built) ? "ambassador, as in the image" : "ambassador";
            all.add(() -> ours(name, started(built), Map.of()));
        }
        all.add(Peers::socat);
        all.add(() -> nginx(false));
        all.add(() -> nginx(true));
        all.add(Peers::haproxy);
        all.add(DirectConnection::new);
        return all;
    }

    /** How a relay is started: of a jar, or of a directory like the image's. */
    static List<String> started(Path built) {
        return Files.isDirectory(built) ? inImage(built) : shortLived(built);
    }

    /** The image's ENTRYPOINT; as there, java is the one in the PATH. */
    public static List<String> inImage(Path image) {
        return List.of("/bin/sh", image.resolve("start").toString(), "relay");
    }

    /** A port that no link uses: links get higher ones. */
    private static int adminPort(int listenPort) {
        return listenPort > 20_000 ? listenPort - 10_000 : listenPort + 10_000;
    }

    private static String hostPort(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    private static Path write(Path path, String text) throws IOException {
        path.toFile().deleteOnExit();
        return Files.writeString(path, text, StandardCharsets.UTF_8);
    }
}
