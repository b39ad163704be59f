package link.ambassador.image;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * As much of an API server as the start of an operator needs, over TLS: one Ambassador, no other object, watches
 * without events, and writes that return the written object. For training only; tests use a real API server.
 */
final class TrainingApiServer implements AutoCloseable {
    private static final String PASSWORD = "training";
    private static final Pattern LIST = Pattern.compile("/apis?/([^/]+(?:/v[^/]+)?)/(?:namespaces/[^/]+/)?([a-z]+)");
    private static final Map<String, String> KINDS = Map.ofEntries(
            Map.entry("ambassadors", "Ambassador"),
            Map.entry("configmaps", "ConfigMap"),
            Map.entry("controllerrevisions", "ControllerRevision"),
            Map.entry("deployments", "Deployment"),
            Map.entry("limitranges", "LimitRange"),
            Map.entry("mutatingwebhookconfigurations", "MutatingWebhookConfiguration"),
            Map.entry("poddisruptionbudgets", "PodDisruptionBudget"),
            Map.entry("pods", "Pod"),
            Map.entry("replicasets", "ReplicaSet"),
            Map.entry("resourcequotas", "ResourceQuota"),
            Map.entry("secrets", "Secret"),
            Map.entry("services", "Service"));
    private static final String AMBASSADOR =
            """
            {"apiVersion":"ambassador.link/v1alpha1","kind":"Ambassador","metadata":{"name":"redis","namespace":"training",
             "uid":"8c0b4f1e-0000-4000-8000-000000000001","resourceVersion":"1","generation":1,
             "creationTimestamp":"2025-01-01T00:00:00Z"},
             "spec":{"links":[{"listen":6379,"targets":[{"host":"192.168.1.52","port":6379}]}]}}""";

    private final Path folder = Files.createTempDirectory("training-tls");
    private final ServerSocket server;
    private final CountDownLatch status = new CountDownLatch(1);

    TrainingApiServer() throws IOException, InterruptedException {
        server = listen();
        Thread acceptor = new Thread(this::accept);
        acceptor.setDaemon(true);
        acceptor.start();
    }

    Map<String, String> environment() {
        return Map.of(
                "KUBECONFIG",
                folder.resolve("none").toString(),
                "KUBERNETES_MASTER",
                "https://127.0.0.1:" + server.getLocalPort(),
                "KUBERNETES_NAMESPACE",
                "training",
                "KUBERNETES_AUTH_TOKEN",
                "training",
                "KUBERNETES_CERTS_CA_FILE",
                folder.resolve("certificate").toString());
    }

    /** Returns when the operator has written the status of the Ambassador. */
    void awaitStatus(Process operator) throws InterruptedException {
        long end = System.nanoTime() + Training.LONGEST_STEP.toNanos();
        while (!status.await(1, TimeUnit.SECONDS)) {
            if (!operator.isAlive() || System.nanoTime() > end) {
                throw new IllegalStateException("the operator wrote no status of its Ambassador");
            }
        }
    }

    private ServerSocket listen() throws IOException, InterruptedException {
        String store = folder.resolve("store").toString();
        keytool(
                "-genkeypair",
                "-keystore",
                store,
                "-keyalg",
                "EC",
                "-dname",
                "CN=127.0.0.1",
                "-ext",
                "san=ip:127.0.0.1");
        keytool(
                "-exportcert",
                "-keystore",
                store,
                "-rfc",
                "-file",
                folder.resolve("certificate").toString());
        try {
            KeyStore keys = KeyStore.getInstance(Path.of(store).toFile(), PASSWORD.toCharArray());
            KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(keys, PASSWORD.toCharArray());
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(managers.getKeyManagers(), null, null);
            return tls.getServerSocketFactory().createServerSocket(0, 64, InetAddress.getLoopbackAddress());
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-storepass", PASSWORD, "-alias", "training"));
        if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
            throw new IOException("keytool failed: its output is above");
        }
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread thread = new Thread(() -> serve(socket));
                thread.setDaemon(true);
                thread.start();
            } catch (IOException ended) {
                // close() was called.
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] request = line.split(" ", 3);
                int length = 0;
                String webSocketKey = "";
                for (String header = in.readLine(); !header.isEmpty(); header = in.readLine()) {
                    String[] field = header.split(": *", 2);
                    switch (field[0].toLowerCase(Locale.ROOT)) {
                        case "content-length" -> length = Integer.parseInt(field[1]);
                        case "sec-websocket-key" -> webSocketKey = field[1];
                        default -> {}
                    }
                }
                if (!webSocketKey.isEmpty()) {
                    watched(socket, webSocketKey);
                    return;
                }
                char[] body = new char[length];
                for (int read = 0; read < length; ) {
                    read += in.read(body, read, length - read);
                }
                answer(socket.getOutputStream(), request[0], request[1], new String(body));
            }
        } catch (IOException ended) {
            // The operator closed it.
        }
    }

    /** A watch is a WebSocket (RFC 6455, 4.2.2), here without events. */
    private static void watched(Socket socket, String key) throws IOException {
        byte[] accepted;
        try {
            accepted = MessageDigest.getInstance("SHA-1")
                    .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
        socket.getOutputStream()
                .write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                + "Sec-WebSocket-Accept: " + Base64.getEncoder().encodeToString(accepted) + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        // Reads until the close frame. The few pings need no answer.
        for (int read = 0; read >= 0 && read != 0x88; ) {
            read = socket.getInputStream().read();
        }
    }

    private void answer(OutputStream out, String method, String path, String body) throws IOException {
        String reply;
        Matcher list = LIST.matcher(path.split("\\?", 2)[0]);
        if (path.startsWith("/version")) {
            reply = "{\"major\":\"1\",\"minor\":\"35\",\"gitVersion\":\"v1.35.0\"}";
        } else if (path.contains("/selfsubjectrulesreviews")) {
            reply =
                    "{\"apiVersion\":\"authorization.k8s.io/v1\",\"kind\":\"SelfSubjectRulesReview\",\"status\":{\"incomplete\":"
                            + "false,\"nonResourceRules\":[],\"resourceRules\":[{\"verbs\":[\"*\"],\"apiGroups\":[\"*\"],"
                            + "\"resources\":[\"*\"]}]}}";
        } else if (!method.equals("GET")) {
            reply = body.replaceFirst("\"metadata\" *: *\\{", "$0\"uid\":\"2\",\"resourceVersion\":\"2\",");
        } else if (path.contains("/ambassadors/")) {
            reply = AMBASSADOR;
        } else if (list.matches() && KINDS.containsKey(list.group(2))) {
            reply = "{\"apiVersion\":\"" + list.group(1) + "\",\"kind\":\"" + KINDS.get(list.group(2))
                    + "List\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":["
                    + (list.group(2).equals("ambassadors") ? AMBASSADOR : "") + "]}";
        } else {
            reply = "";
        }
        String code = reply.isEmpty() ? "404 Not Found" : method.equals("POST") ? "201 Created" : "200 OK";
        if (reply.isEmpty()) {
            reply =
                    "{\"apiVersion\":\"v1\",\"kind\":\"Status\",\"status\":\"Failure\",\"reason\":\"NotFound\",\"code\":404}";
        }
        write(out, code, "Content-Length: " + reply.length(), reply);
        if (method.equals("PATCH") && path.contains("/ambassadors/redis/status")) {
            status.countDown();
        }
    }

    private static void write(OutputStream out, String code, String length, String body) throws IOException {
        out.write(("HTTP/1.1 " + code + "\r\nContent-Type: application/json\r\n" + length + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (String file : new String[] {"store", "certificate"}) {
            Files.deleteIfExists(folder.resolve(file));
        }
        Files.deleteIfExists(folder);
    }
}
