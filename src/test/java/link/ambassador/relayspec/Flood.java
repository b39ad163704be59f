package link.ambassador.relayspec;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/** A sender that sends as fast as it can, and counts how much it sent before it was blocked. */
final class Flood {

    /**
     * What two kernels and a bounded relay may hold of one direction; a relay that buffers without bound exceeds it.
     */
    static final long MOST = Stream.MIB + 2 * (kernelMost("tcp_rmem") + kernelMost("tcp_wmem"));

    private static final int CHUNK = 16 * 1024;
    private static final int QUIET_MILLIS = 300;

    private final AtomicLong sent = new AtomicLong();
    private final Peer from;
    private volatile boolean stop;

    private Flood(Peer from) {
        this.from = from;
    }

    /** Sends the stream's bytes in the background; returns when it is blocked. */
    static Flood untilBlocked(Wire wire, Peer from, Stream stream) throws InterruptedException, ExecutionException {
        Flood flood = new Flood(from);
        Future<Void> sending = wire.meanwhile(() -> {
            stream.sendFrom(new Metered(flood));
            return null;
        });
        flood.awaitBlocked();
        if (sending.isDone()) {
            sending.get(); // a sender that failed does not move either, but is not blocked
        }
        return flood;
    }

    private void awaitBlocked() throws InterruptedException {
        long seen = -1;
        long since = System.nanoTime();
        while (System.nanoTime() - since < QUIET_MILLIS * 1_000_000L) {
            long now = sent.get();
            if (now > MOST) {
                stop = true;
                throw new AssertionError(
                        "more than " + MOST / Stream.MIB + " MiB were taken although the other side did not read");
            }
            if (now != seen) {
                seen = now;
                since = System.nanoTime();
            }
            Thread.sleep(10);
        }
    }

    long sent() {
        return sent.get();
    }

    /** Counts what the kernel took, in pieces small enough to notice when it stops. */
    private static final class Metered implements Stream.Sink {
        private final Flood flood;

        Metered(Flood flood) {
            this.flood = flood;
        }

        @Override
        public void send(byte[] bytes, int length) throws IOException {
            byte[] piece = new byte[CHUNK];
            for (int at = 0; at < length && !flood.stop; at += CHUNK) {
                int n = Math.min(CHUNK, length - at);
                System.arraycopy(bytes, at, piece, 0, n);
                flood.from.send(piece, n);
                flood.sent.addAndGet(n);
            }
        }
    }

    /** How large the kernel lets one buffer grow: tcp(7). */
    private static long kernelMost(String setting) {
        try (BufferedReader file = Files.newBufferedReader(Path.of("/proc/sys/net/ipv4", setting))) {
            String[] leastDefaultMost = file.readLine().split("\\s+", -1);
            return Long.parseLong(leastDefaultMost[2]);
        } catch (IOException noLinux) {
            return 8 * Stream.MIB;
        }
    }
}
