package link.ambassador.webhook.serving;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What the bodies of all reviews that are unanswered may have together. The first bytes of each are not counted, for the
 * connections are: so a pod of the usual size is read however much others send. Callable from any thread.
 */
final class BodyBudget {
    private final long most;
    private final int free;
    private final AtomicLong held = new AtomicLong();

    /**
     * @param most in bytes
     * @param free what of each body is not counted, in bytes
     */
    BodyBudget(long most, int free) {
        this.most = most;
        this.free = free;
    }

    /** One body's part. */
    final class Share implements AutoCloseable {
        private long bytes;
        private boolean closed;

        /** Takes {@code more} bytes; false when there is no room for them. */
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

    /** In bytes, without the first of each. */
    long held() {
        return held.get();
    }

    Share share() {
        return new Share();
    }
}
