package link.ambassador.relay;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * An upstream that puts its stamp on each answer.
 *
 * <pre>
 *   request:   length, 4 bytes │ bytes
 *   response:  stamp, 1 byte   │ the same bytes
 * </pre>
 */
final class StampingUpstream implements AutoCloseable {
    private static final int BACKLOG = 4096;

    private final byte stamp;
    private final ServerSocket listener = new ServerSocket();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    // Idle threads end at once, because a soak compares their number.
    private final ThreadPoolExecutor threads =
            new ThreadPoolExecutor(0, Integer.MAX_VALUE, 1, TimeUnit.MILLISECONDS, new SynchronousQueue<>());

    StampingUpstream(char stamp) throws IOException {
        this(stamp, new InetSocketAddress(InetAddress.getLoopbackAddress(), LoopbackPort.free()));
    }

    StampingUpstream(char stamp, InetSocketAddress address) throws IOException {
        this.stamp = (byte) stamp;
        listener.bind(address, BACKLOG);
        threads.execute(this::accept);
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    /** Whether it has no connection. */
    boolean isIdle() {
        return threads.getPoolSize() == 1;
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                socket.setTcpNoDelay(true);
                threads.execute(() -> serve(socket));
            }
        } catch (IOException closed) {
            // close() was called: there is nothing left to accept.
        }
    }

    private void serve(Socket socket) {
        open.add(socket);
        try (socket) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            while (true) {
                byte[] question = in.readNBytes(in.readInt());
                byte[] answer = new byte[question.length + 1];
                answer[0] = stamp;
                System.arraycopy(question, 0, answer, 1, question.length);
                out.write(answer);
            }
        } catch (EOFException done) {
            // The normal end.
        } catch (IOException reset) {
            // The downstream or a policy ended it; the downstream judges that.
        } finally {
            open.remove(socket);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
        threads.shutdownNow();
    }
}
