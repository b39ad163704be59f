package link.ambassador.relayspec;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The relays of Debian, as people run them, and ours as a process. */
final class Peers {

    /** One JVM per scenario, of which most lives for a blink: what starts fast matters, what runs fast does not. */
    private static final List<String> SHORT_LIVED =
            List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx256m");

    private Peers() {}

    /** The command of Docker's ambassador container. */
    static RelayUnderTest socat() {
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
        String name = halfClose ? "nginx stream, `proxy_half_close on`" : "nginx stream";
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
                    events { worker_connections 4096; }
                    stream {
                      server {
                        listen 127.0.0.1:%d;
                        proxy_half_close %s;
                        proxy_pass %s;
                      }
                    }
                    """
                            .formatted(directory, port, halfClose ? "on" : "off", hostPort(target)));
            return List.of("nginx", "-c", config.toString(), "-p", directory.toString());
        });
    }

    static RelayUnderTest haproxy() {
        return new CommandLineRelay("HAProxy, tcp mode", Version.of("haproxy", "-v"), (port, target) -> {
            Path directory = Files.createTempDirectory("relayspec-haproxy");
            directory.toFile().deleteOnExit();
            Path config = write(
                    directory.resolve("haproxy.cfg"),
                    """
                    global
                      maxconn 4096
                      nbthread 1
                    defaults
                      mode tcp
                      timeout connect 5s
                      timeout client 1h
                      timeout server 1h
                    listen relay
                      bind 127.0.0.1:%d
                      server upstream %s
                    """
                            .formatted(port, hostPort(target)));
            return List.of("haproxy", "-db", "-f", config.toString());
        });
    }

    /** The artifact of this build, told by one link variable. */
    static RelayUnderTest ours(Path jar, String name, List<String> jvmOptions) {
        return new CommandLineRelay(
                name,
                "this tree",
                (port, target) -> {
                    List<String> command = new ArrayList<>();
                    command.add(Path.of(System.getProperty("java.home"), "bin", "java")
                            .toString());
                    command.addAll(jvmOptions);
                    command.addAll(List.of("-jar", jar.toString(), "relay"));
                    return command;
                },
                (port, target) -> Map.of(
                        "UP_PORT_" + port + "_TCP",
                        "tcp://" + hostPort(target),
                        "AMBASSADOR_LISTEN_HOST",
                        "127.0.0.1",
                        "AMBASSADOR_ADMIN_PORT",
                        Integer.toString(port - 10_000)));
    }

    /** Ours first, if it is built. */
    static List<Supplier<RelayUnderTest>> all(Path jar) {
        List<Supplier<RelayUnderTest>> all = new ArrayList<>();
        if (Files.exists(jar)) {
            all.add(() -> ours(jar, "ambassador", SHORT_LIVED));
        }
        all.add(Peers::socat);
        all.add(() -> nginx(false));
        all.add(() -> nginx(true));
        all.add(Peers::haproxy);
        all.add(DirectConnection::new);
        return all;
    }

    private static String hostPort(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    private static Path write(Path path, String text) throws IOException {
        path.toFile().deleteOnExit();
        return Files.writeString(path, text, StandardCharsets.UTF_8);
    }
}
