package link.ambassador.relayspec;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/** The ways in which one side ends a connection. The channel does not block, and is closed afterwards. */
enum ChaosEnd {
    FIN {
        @Override
        void end(SocketChannel channel, Random random) {
            // The close does it.
        }
    },
    HALF_CLOSE {
        @Override
        void end(SocketChannel channel, Random random) throws IOException {
            channel.shutdownOutput();
            ByteBuffer bytes = ByteBuffer.allocate(CHUNK_BYTES);
            for (long end = System.nanoTime() + LISTENING.toNanos(); System.nanoTime() < end; ) {
                int read = channel.read(bytes.clear());
                if (read < 0) {
                    return;
                }
                if (read == 0) {
                    LockSupport.parkNanos(PAUSE.toNanos());
                }
            }
        }
    },
    RESET {
        @Override
        void end(SocketChannel channel, Random random) throws IOException {
            reset(channel);
        }
    },
    RESET_BEHIND_A_FEW_BYTES {
        @Override
        void end(SocketChannel channel, Random random) throws IOException {
            channel.write(ByteBuffer.allocate(1 + random.nextInt(2_000)));
            reset(channel);
        }
    },
    RESET_WHILE_WRITING {
        @Override
        void end(SocketChannel channel, Random random) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(random.nextInt(300_000));
            for (long end = System.nanoTime() + WRITING.toNanos(); bytes.hasRemaining() && System.nanoTime() < end; ) {
                if (channel.write(bytes) == 0) {
                    LockSupport.parkNanos(PAUSE.toNanos());
                }
            }
            reset(channel);
        }
    },
    /** Both sides do this at the same time: they send all they can, read some, and close over unread bytes. */
    FLOOD {
        @Override
        void end(SocketChannel channel, Random random) throws IOException {
            ByteBuffer sent = ByteBuffer.allocate(CHUNK_BYTES);
            ByteBuffer received = ByteBuffer.allocate(CHUNK_BYTES);
            long left = MOST_BYTES_READ;
            long end = System.nanoTime() + (1 + random.nextInt(4)) * 1_000_000L;
            while (System.nanoTime() < end) {
                sent.clear().limit(1 + random.nextInt(CHUNK_BYTES));
                int moved = channel.write(sent);
                if (left > 0) {
                    int read = channel.read(received.clear());
                    left = read < 0 ? 0 : left - read;
                    moved += Math.max(read, 0);
                }
                if (moved == 0) {
                    LockSupport.parkNanos(PAUSE.toNanos());
                }
            }
        }
    };

    private static final List<ChaosEnd> WITHOUT_REGARD =
            List.of(FIN, HALF_CLOSE, RESET, RESET_BEHIND_A_FEW_BYTES, RESET_WHILE_WRITING);
    private static final int CHUNK_BYTES = 64 * 1024;
    private static final long MOST_BYTES_READ = 1 << 20;
    private static final Duration LISTENING = Duration.ofMillis(50);
    private static final Duration WRITING = Duration.ofMillis(20);
    private static final Duration PAUSE = Duration.ofNanos(100_000);

    /** @throws IOException most likely because the other side was first */
    abstract void end(SocketChannel channel, Random random) throws IOException;

    /** A random end that does not depend on the other side. */
    static ChaosEnd any(Random random) {
        return WITHOUT_REGARD.get(random.nextInt(WITHOUT_REGARD.size()));
    }

    private static void reset(SocketChannel channel) throws IOException {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    }
}
