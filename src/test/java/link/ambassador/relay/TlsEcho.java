package link.ambassador.relay;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** A TLS server of the JDK that sends back what it receives, and ends its stream behind that of its peer. */
final class TlsEcho implements AutoCloseable {
    private final SSLServerSocket server;
    private final Queue<String> names = new ConcurrentLinkedQueue<>();
    private final Queue<X509Certificate> certificates = new ConcurrentLinkedQueue<>();
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();

    private TlsEcho(SSLServerSocket server) {
        this.server = server;
    }

    static TlsEcho start(SSLContext context) throws IOException {
        return start(context, socket -> {});
    }

    /** @param shape changes the listening socket */
    static TlsEcho start(SSLContext context, Consumer<SSLServerSocket> shape) throws IOException {
        SSLServerSocket server = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        shape.accept(server);
        TlsEcho echo = new TlsEcho(server);
        daemon(echo::accept);
        return echo;
    }

    static void needClient(SSLServerSocket server) {
        server.setNeedClientAuth(true);
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "tls-echo");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                SSLSocket socket = (SSLSocket) server.accept();
                daemon(() -> serve(socket));
            }
        } catch (IOException closed) {
            // The end.
        }
    }

    private void serve(SSLSocket socket) {
        try (socket) {
            socket.startHandshake();
            ExtendedSSLSession session = (ExtendedSSLSession) socket.getSession();
            session.getRequestedServerNames().forEach(name -> names.add(((SNIHostName) name).getAsciiName()));
            if (server.getNeedClientAuth()) {
                Certificate[] chain = session.getPeerCertificates();
                certificates.add((X509Certificate) chain[0]);
            }
            byte[] chunk = new byte[16 * 1024];
            for (int read = socket.getInputStream().read(chunk);
                    read >= 0;
                    read = socket.getInputStream().read(chunk)) {
                synchronized (received) {
                    received.write(chunk, 0, read);
                }
                socket.getOutputStream().write(chunk, 0, read);
            }
        } catch (IOException failed) {
            // The test sees it from the other side.
        }
    }

    InetSocketAddress address() {
        return new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
    }

    /** The names that peers asked for, one for each handshake. */
    List<String> servedNames() {
        return List.copyOf(names);
    }

    /** The certificates that peers showed, one for each handshake. */
    List<X509Certificate> certificates() {
        return List.copyOf(certificates);
    }

    byte[] received() {
        synchronized (received) {
            return received.toByteArray();
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
