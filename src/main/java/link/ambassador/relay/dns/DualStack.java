package link.ambassador.relay.dns;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Combines the answers for A and AAAA. Addresses of A do not wait long for AAAA, because some servers answer only A.
 * Addresses of AAAA wait for A, because they are useless in a pod without IPv6.
 */
final class DualStack {
    /** How long A waits for AAAA (the resolution delay of RFC 8305, section 3). */
    private static final long RESOLUTION_DELAY_MILLIS = 50;

    private final Future<DnsAnswer> a;
    private final Future<DnsAnswer> aaaa;
    private final Promise<DnsAnswer> answer = Promise.promise();
    private ScheduledFuture<?> delay;

    private DualStack(Future<DnsAnswer> a, Future<DnsAnswer> aaaa) {
        this.a = a;
        this.aaaa = aaaa;
    }

    /** Has no addresses if there are none; fails if the servers fail. */
    static Future<DnsAnswer> combine(EventLoop loop, Future<DnsAnswer> a, Future<DnsAnswer> aaaa) {
        DualStack both = new DualStack(a, aaaa);
        a.onComplete(done -> {
            if (aaaa.isComplete() || noSuchName(a)) {
                both.end();
            } else if (done.succeeded() && !done.result().addresses().isEmpty()) {
                both.delay = loop.schedule(both::end, RESOLUTION_DELAY_MILLIS, TimeUnit.MILLISECONDS);
            }
        });
        aaaa.onComplete(done -> {
            if (a.isComplete()) {
                both.end();
            }
        });
        return both.answer.future();
    }

    /** Asks A only: some servers answer NXDOMAIN to every AAAA. */
    private static boolean noSuchName(Future<DnsAnswer> a) {
        return a.succeeded() && !a.result().nameExists();
    }

    private void end() {
        if (delay != null) {
            delay.cancel(false);
        }
        List<InetAddress> addresses = new ArrayList<>();
        long ttl = Long.MAX_VALUE;
        for (Future<DnsAnswer> family : List.of(a, aaaa)) {
            if (family.succeeded()) {
                addresses.addAll(family.result().addresses());
                ttl = Math.min(ttl, family.result().ttlSeconds());
            } else {
                // Half an answer expires soon, so that it does not hide the other half for its TTL.
                ttl = 0;
            }
        }
        if (!addresses.isEmpty() || noSuchName(a) || (a.succeeded() && aaaa.succeeded())) {
            answer.tryComplete(new DnsAnswer(!noSuchName(a), List.copyOf(addresses), ttl));
        } else {
            answer.tryFail(a.failed() ? a.cause() : aaaa.cause());
        }
    }
}
