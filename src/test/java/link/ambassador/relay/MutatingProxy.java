package link.ambassador.relay;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Random;

/**
 * Stands between two peers and hands on their bytes in chunks of a random size. It harms at most one byte of each connection, or what
 * stands there: chosen at random, of either direction, anywhere in the handshake or behind it.
 */
final class MutatingProxy implements AutoCloseable {
    /** A handshake with certificates of both sides has some 3 KiB. */
    private static final int MAX_OFFSET = 4_000;

    private static final int MAX_CHUNK = 700;

    private enum Harm {
        NONE,
        FLIP,
        DROP,
        INSERT,
        REPEAT,
        END
    }

    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final InetSocketAddress target;
    private final long seed;
    private volatile boolean harmed;

    /** @param seed the same one harms in the same way */
    MutatingProxy(InetSocketAddress target, long seed) throws IOException {
        this.target = target;
        this.seed = seed;
        Thread accepting = new Thread(this::accept, "mutating-proxy");
        accepting.setDaemon(true);
        accepting.start();
    }

    InetSocketAddress address() {
        return (InetSocketAddress) server.getLocalSocketAddress();
    }

    /** Whether it has harmed the newest connection. */
    boolean harmed() {
        return harmed;
    }

    private void accept() {
        Random random = new Random(seed);
        try {
            while (true) {
                Socket near = server.accept();
                harmed = false;
                Harm harm = Harm.values()[random.nextInt(Harm.values().length)];
                boolean up = random.nextBoolean();
                int offset = random.nextInt(MAX_OFFSET);
                long chunks = random.nextLong();
                Socket far = new Socket(target.getAddress(), target.getPort());
                pump(near, far, up ? harm : Harm.NONE, offset, new Random(chunks));
                pump(far, near, up ? Harm.NONE : harm, offset, new Random(chunks + 1));
            }
        } catch (IOException closed) {
            // The end of the test.
        }
    }

    private void pump(Socket from, Socket to, Harm harm, int offset, Random random) {
        Thread thread = new Thread(
                () -> {
                    try {
                        pass(from.getInputStream(), to.getOutputStream(), harm, offset, random);
                        to.shutdownOutput();
                    } catch (IOException ended) {
                        reset(from);
                        reset(to);
                    }
                },
                "mutating-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException closed) {
            // By the other direction.
        }
    }

    private void pass(InputStream in, OutputStream out, Harm harm, int offset, Random random) throws IOException {
        byte[] chunk = new byte[MAX_CHUNK];
        int passed = 0;
        for (int read = in.read(chunk, 0, 1 + random.nextInt(MAX_CHUNK));
                read >= 0;
                read = in.read(chunk, 0, 1 + random.nextInt(MAX_CHUNK))) {
            int at = offset - passed;
            passed += read;
            if (harm == Harm.NONE || at < 0 || at >= read) {
                out.write(chunk, 0, read);
                continue;
            }
            harmed = true;
            out.write(chunk, 0, at);
            byte[] rest = Arrays.copyOfRange(chunk, at, read);
            switch (harm) {
                case FLIP -> {
                    rest[0] ^= (byte) (1 << random.nextInt(8));
                    out.write(rest);
                }
                case DROP -> out.write(rest, 1, rest.length - 1);
                case INSERT -> {
                    out.write(random.nextInt(256));
                    out.write(rest);
                }
                case REPEAT -> {
                    out.write(rest);
                    out.write(rest);
                }
                case END, NONE -> {
                    return;
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
