package link.ambassador.relay;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A server on loopback that answers each line with its name and a line break, and lines of HTTP with a status, as Patroni's API does. It
 * stays on its port when it stops to listen.
 */
final class CheckedUpstream implements AutoCloseable {
    /** What it does with a connection. */
    enum Mood {
        ANSWERS,
        /** It accepts and ends the connection by FIN. */
        ENDS,
        /** It accepts and resets the connection. */
        RESETS,
        /** It accepts and says nothing. */
        HANGS,
        /** It accepts one connection every {@link #BETWEEN_ACCEPTS}; the kernel keeps the others. */
        ACCEPTS_SLOWLY
    }

    private static final Duration BETWEEN_ACCEPTS = Duration.ofMillis(100);

    final InetSocketAddress address;
    final AtomicInteger accepted = new AtomicInteger();
    volatile Mood mood = Mood.ANSWERS;
    volatile int status = 200;
    private final String name;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private ServerSocket server;

    CheckedUpstream(String name) throws IOException {
        this(name, new InetSocketAddress(InetAddress.getLoopbackAddress(), LoopbackPort.free()));
        listen();
    }

    CheckedUpstream(String name, InetSocketAddress address) {
        this.name = name;
        this.address = address;
    }

    static CheckedUpstream notListening(String name) throws IOException {
        return new CheckedUpstream(name, new InetSocketAddress(InetAddress.getLoopbackAddress(), LoopbackPort.free()));
    }

    void listen() throws IOException {
        server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(address, 1024);
        ServerSocket listening = server;
        thread(() -> {
            while (!listening.isClosed()) {
                Socket socket = listening.accept();
                accepted.incrementAndGet();
                open.add(socket);
                thread(() -> serve(socket));
                if (mood == Mood.ACCEPTS_SLOWLY) {
                    LockSupport.parkNanos(BETWEEN_ACCEPTS.toNanos());
                }
            }
        });
    }

    private void serve(Socket socket) throws IOException {
        try (socket) {
            Mood now = mood;
            if (now == Mood.RESETS) {
                socket.setSoLinger(true, 0);
            }
            if (now == Mood.ENDS || now == Mood.RESETS) {
                return;
            }
            InputStream in = socket.getInputStream();
            StringBuilder line = new StringBuilder();
            for (int read = in.read(); read >= 0; read = in.read()) {
                if (read != '\n') {
                    line.append((char) read);
                    continue;
                }
                if (now != Mood.HANGS) {
                    String answer =
                            line.toString().startsWith("GET ") ? "HTTP/1.0 " + status + " x\r\n\r\n" : name + "\n";
                    socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                }
                line.setLength(0);
            }
        } finally {
            open.remove(socket);
        }
    }

    /** The name of the server that answers a new connection there. */
    static String ask(InetSocketAddress there) throws IOException {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(20_000);
            socket.connect(there, 5_000);
            return ask(socket);
        }
    }

    static String ask(Socket socket) throws IOException {
        socket.getOutputStream().write("who\n".getBytes(StandardCharsets.US_ASCII));
        StringBuilder answer = new StringBuilder();
        for (int read = socket.getInputStream().read();
                read != '\n';
                read = socket.getInputStream().read()) {
            if (read < 0) {
                throw new SocketException("ended without an answer");
            }
            answer.append((char) read);
        }
        return answer.toString();
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void thread(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException ended) {
                // The test ended it, or the relay.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    /** It refuses from now on, as a process that was killed. */
    void die() {
        try {
            server.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // A thread in accept() keeps the socket listening a moment longer.
        await().until(this::refuses);
    }

    private boolean refuses() {
        try (Socket socket = new Socket()) {
            socket.connect(address, 5_000);
            return false;
        } catch (IOException refused) {
            return true;
        }
    }

    @Override
    public void close() {
        if (server != null) {
            die();
        }
    }
}
