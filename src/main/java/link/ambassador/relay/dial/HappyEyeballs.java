package link.ambassador.relay.dial;

import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.AsyncResult;
import io.vertx.core.Promise;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import link.ambassador.config.Target;

/** The try of one target: resolve, then race its addresses in the manner of RFC 8305, all within one timeout. */
final class HappyEyeballs<C> {
    /** The head start of an address over the next one (RFC 8305, section 5). */
    static final long STAGGER_MILLIS = 250;

    private final Dialer<C> dialer;
    private final Target target;
    private final Duration timeout;
    private final Executor steps;
    private final Consumer<HappyEyeballs<C>> ended;
    private final Deque<InetSocketAddress> waiting = new ArrayDeque<>();
    private final Promise<Void> givenUp = Promise.promise();
    private final long startedAt = System.nanoTime();
    private int inFlight;
    // What the host was resolved to; null before.
    private List<InetAddress> resolved;
    private ScheduledFuture<?> deadline;
    private ScheduledFuture<?> stagger;
    private DialResult result;
    private String sentence = "";
    private DialedConnection<C> dialled;
    private DialResult lastFailure = DialResult.OTHER;
    private String lastSentence = "";

    /** @param steps does at once what a timer or an answer begins, and deals with its errors */
    HappyEyeballs(Dialer<C> dialer, Target target, Duration timeout, Executor steps, Consumer<HappyEyeballs<C>> ended) {
        this.dialer = dialer;
        this.target = target;
        this.timeout = timeout;
        this.steps = steps;
        this.ended = ended;
    }

    Target target() {
        return target;
    }

    /** How it ended; null before. */
    DialResult result() {
        return result;
    }

    String sentence() {
        return sentence;
    }

    DialedConnection<C> dialled() {
        return dialled;
    }

    void start() {
        deadline = schedule(this::expire, timeout.toNanos());
        dialer.names().resolve(target.host()).onComplete(answer -> steps.execute(() -> resolved(answer)));
    }

    private ScheduledFuture<?> schedule(Runnable step, long delayNanos) {
        return dialer.loop().schedule(() -> steps.execute(step), delayNanos, TimeUnit.NANOSECONDS);
    }

    /** Ends it without telling: connects under way are closed, and what connected just now is discarded. */
    void drop() {
        if (result == null) {
            dialer.health().dropped(target, this);
            settle(DialResult.CANCELLED, "");
        }
    }

    private void resolved(AsyncResult<List<InetAddress>> answer) {
        if (result != null) {
            return;
        }
        if (answer.failed()) {
            end(DialResult.of(answer.cause()), target + ": " + answer.cause().getMessage());
            return;
        }
        resolved = answer.result();
        for (InetAddress address : interleaved(resolved)) {
            InetSocketAddress socketAddress = new InetSocketAddress(address, target.port());
            if (dialer.ownListener().test(socketAddress)) {
                failed(DialResult.SELF, describe(socketAddress, DialResult.SELF.sentence()));
            } else {
                waiting.add(socketAddress);
            }
        }
        next();
    }

    private void next() {
        if (stagger != null) {
            stagger.cancel(false);
            stagger = null;
        }
        if (waiting.isEmpty()) {
            if (inFlight == 0) {
                end(lastFailure, lastSentence);
            }
            return;
        }
        InetSocketAddress address = inFlight == 0 || dialer.connector().mayRace() ? waiting.remove() : null;
        if (!waiting.isEmpty()) {
            stagger = schedule(this::next, TimeUnit.MILLISECONDS.toNanos(STAGGER_MILLIS));
        }
        if (address != null) {
            connect(address);
        }
    }

    private void connect(InetSocketAddress address) {
        inFlight++;
        dialer.connector()
                .connect(address, givenUp.future())
                .onComplete(answer -> steps.execute(() -> connected(address, answer)));
    }

    private void connected(InetSocketAddress address, AsyncResult<C> answer) {
        inFlight--;
        if (inFlight > 0) {
            dialer.connector().raceEnded();
        }
        if (answer.succeeded()) {
            if (result != null) {
                dialer.connector().discard(answer.result());
                return;
            }
            dialled = new DialedConnection<>(target, address, answer.result());
            end(DialResult.OK, "");
        } else if (result == null) {
            DialResult why = DialResult.of(answer.cause());
            String detail = why == DialResult.OTHER
                    ? why.sentence() + " (" + answer.cause().getMessage() + ")"
                    : why.sentence();
            failed(why, describe(address, detail));
            next();
        }
    }

    private void failed(DialResult why, String what) {
        // Of several addresses, one that is our own says less than one that failed.
        if (why != DialResult.SELF || lastSentence.isEmpty()) {
            lastFailure = why;
            lastSentence = what;
        }
    }

    private void expire() {
        if (result == null) {
            String within = " within " + timeout.toMillis() + " ms";
            if (resolved != null) {
                end(DialResult.TIMEOUT, target + ": no connection" + within);
            } else {
                end(DialResult.NAME_UNRESOLVED, target + ": its name was not resolved" + within);
            }
        }
    }

    private void end(DialResult how, String what) {
        if (how != DialResult.OK && resolved != null) {
            dialer.names().unreachable(target.host(), resolved);
        }
        dialer.health().record(target, how, what);
        settle(how, what);
        ended.accept(this);
    }

    private void settle(DialResult how, String what) {
        result = how;
        sentence = what;
        waiting.clear();
        givenUp.complete();
        deadline.cancel(false);
        if (stagger != null) {
            stagger.cancel(false);
        }
        dialer.listener().attempted(target, how, System.nanoTime() - startedAt);
    }

    private String describe(InetSocketAddress address, String what) {
        String numeric = address.getAddress().getHostAddress();
        return numeric.equals(target.host()) ? target + ": " + what : target + " (" + numeric + "): " + what;
    }

    /** Families alternate, beginning with that of the first address, so that one dead family costs one stagger. */
    static List<InetAddress> interleaved(List<InetAddress> addresses) {
        Deque<InetAddress> same = new ArrayDeque<>();
        Deque<InetAddress> other = new ArrayDeque<>();
        for (InetAddress address : addresses) {
            boolean alike = address instanceof Inet6Address == addresses.get(0) instanceof Inet6Address;
            (alike ? same : other).add(address);
        }
        List<InetAddress> interleaved = new ArrayList<>();
        while (!same.isEmpty() || !other.isEmpty()) {
            if (!same.isEmpty()) {
                interleaved.add(same.poll());
            }
            if (!other.isEmpty()) {
                interleaved.add(other.poll());
            }
        }
        return interleaved;
    }
}
