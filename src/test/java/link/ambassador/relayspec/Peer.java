package link.ambassador.relayspec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Arrays;

/**
 * One scripted end of a relayed connection. Expectations read from the socket, and throw an {@link AssertionError} with
 * what came instead. One thread may send while another receives.
 */
public abstract class Peer implements AutoCloseable {

    static final int CONNECT_MILLIS = 5_000;

    /**
     * Longer than any correct relay needs, and shorter than a scenario's limit, so that a failure names its
     * expectation.
     */
    private static final int EXPECT_MILLIS = 6_000;

    private final String side;
    private final Socket socket;

    Peer(String side, Socket socket) throws IOException {
        this.side = side;
        this.socket = socket;
        socket.setTcpNoDelay(true);
        // Like servers that know urgent bytes.
        socket.setOOBInline(true);
        socket.setSoTimeout(EXPECT_MILLIS);
    }

    public void send(String text) throws IOException {
        send(text.getBytes(ISO_8859_1));
    }

    public void send(byte[] bytes) throws IOException {
        send(bytes, bytes.length);
    }

    void send(byte[] bytes, int length) throws IOException {
        socket.getOutputStream().write(bytes, 0, length);
    }

    /** One byte, marked as urgent. */
    void sendUrgent(char character) throws IOException {
        socket.sendUrgentData(character);
    }

    public void expectBytes(String text) throws IOException {
        expectBytes(text.getBytes(ISO_8859_1));
    }

    public void expectBytes(byte[] expected) throws IOException {
        byte[] received = receive(expected.length);
        int mismatch = Arrays.mismatch(expected, received);
        if (mismatch >= 0) {
            throw new AssertionError(side + " received a wrong byte at " + mismatch);
        }
    }

    /** Any characters, this many. */
    public String receiveText(int characters) throws IOException {
        return new String(receive(characters), ISO_8859_1);
    }

    /** Any bytes, this many. */
    byte[] receive(int bytes) throws IOException {
        byte[] received = new byte[bytes];
        int have = 0;
        while (have < bytes) {
            Event event = next(received, have);
            if (event.kind() != Event.Kind.BYTES) {
                throw new AssertionError(
                        side + " saw " + event + " after " + have + " of " + bytes + " expected bytes");
            }
            have += event.length();
        }
        return received;
    }

    /** How long a later read waits for bytes. */
    void readsWait(int millis) throws IOException {
        socket.setSoTimeout(millis);
    }

    public void expectFin() throws IOException {
        expect(Event.Kind.FIN);
    }

    public void expectReset() throws IOException {
        expect(Event.Kind.RESET);
    }

    private void expect(Event.Kind kind) throws IOException {
        Event event = next();
        if (event.kind() != kind) {
            throw new AssertionError(side + " saw " + event + " instead of " + kind.words());
        }
    }

    /** Expects neither bytes nor an end for this long. */
    public void expectNothingFor(int millis) throws IOException {
        socket.setSoTimeout(millis);
        try {
            Event event = next();
            if (event.kind() != Event.Kind.NOTHING) {
                throw new AssertionError(side + " saw " + event + " instead of nothing");
            }
        } finally {
            socket.setSoTimeout(EXPECT_MILLIS);
        }
    }

    /** Expects that writes fail, because the other end is gone. The kind of error depends on the moment. */
    public void expectSendingToFail() throws InterruptedException {
        byte[] chunk = new byte[16 * 1024];
        long end = System.nanoTime() + EXPECT_MILLIS * 1_000_000L;
        while (System.nanoTime() < end) {
            try {
                send(chunk);
            } catch (IOException expected) {
                return;
            }
            Thread.sleep(1);
        }
        throw new AssertionError(side + " could still send");
    }

    Event next() throws IOException {
        return next(new byte[64 * 1024], 0);
    }

    /** Reads the next bytes into {@code into}, from {@code offset}. */
    Event next(byte[] into, int offset) throws IOException {
        try {
            int read = socket.getInputStream().read(into, offset, into.length - offset);
            return read < 0 ? Event.FIN : Event.bytes(read);
        } catch (SocketTimeoutException e) {
            return Event.NOTHING;
        } catch (IOException e) {
            String message = String.valueOf(e.getMessage());
            if (message.startsWith("Connection reset") || message.startsWith("Broken pipe")) {
                return Event.RESET;
            }
            throw e;
        }
    }

    /** Waits until the kernel has this many bytes for this end, and leaves them there. */
    void awaitUnread(int bytes) throws IOException, InterruptedException {
        long end = System.nanoTime() + EXPECT_MILLIS * 1_000_000L;
        while (socket.getInputStream().available() < bytes) {
            if (System.nanoTime() > end) {
                throw new AssertionError(side + " was not sent " + bytes + " bytes");
            }
            Thread.sleep(1);
        }
    }

    public void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    /** Closes with a reset, and drops what is in flight. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    void sendBuffer(int bytes) throws IOException {
        socket.setSendBufferSize(bytes);
    }

    int localPort() {
        return socket.getLocalPort();
    }

    InetSocketAddress remote() {
        return (InetSocketAddress) socket.getRemoteSocketAddress();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
