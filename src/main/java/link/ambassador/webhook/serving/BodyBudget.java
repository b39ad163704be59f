package link.ambassador.webhook.serving;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the bytes of all unanswered reviews together. The first bytes of each review are not counted, because connections are bounded
 * too. So a pod of the usual size is read, however much others send. Callable from any thread.
 */
final class BodyBudget {
    private final long most;
    private final int free;
    private final AtomicLong held = new AtomicLong();

    /**
     * @param most in bytes
     * @param free how many bytes of each body are not counted
     */
    BodyBudget(long most, int free) {
        this.most = most;
        this.free = free;
    }

    /** The bytes of one body. */
    final class Share implements AutoCloseable {
        private long bytes;
        private boolean closed;

        /** Takes {@code more} bytes; false when the budget does not allow them. */
        synchronized boolean grow(int more) {
            if (closed) {
                return false;
            }
            long counted = Math.max(0, bytes + more - free) - Math.max(0, bytes - free);
            if (held.addAndGet(counted) > most && counted > 0) {
                held.addAndGet(-counted);
                return false;
            }
            bytes += more;
            return true;
        }

        @Override
        public synchronized void close() {
            if (!closed) {
                closed = true;
                held.addAndGet(-Math.max(0, bytes - free));
            }
        }
    }

    /** The counted bytes. */
    long held() {
        return held.get();
    }

    Share share() {
        return new Share();
    }
}
