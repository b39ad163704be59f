package link.ambassador.relay.dial;

import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
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

/** Tries one target: resolves it, then races its addresses in the manner of RFC 8305, all within one timeout. */
final class HappyEyeballs implements Connector.Attempt {
    /** The head start of an address over the next one (RFC 8305, section 5). */
    static final long STAGGER_MILLIS = 250;

    private final Dials shared;
    private final Channel downstream;
    private final Target target;
    private final Duration timeout;
    private final Executor steps;
    private final Consumer<HappyEyeballs> ended;
    private final Deque<InetSocketAddress> waiting = new ArrayDeque<>();
    private final Promise<Void> givenUp = Promise.promise();
    private int inFlight;
    private boolean handshake;
    private List<InetAddress> addresses;
    private ScheduledFuture<?> deadline;
    private ScheduledFuture<?> stagger;
    private DialResult result;
    private String sentence = "";
    private Dial.Connected connected;
    private DialResult lastFailure = DialResult.OTHER;
    private String lastSentence = "";

    /**
     * Prepares an attempt; {@link #start} begins it.
     *
     * @param steps runs what a timer or an answer begins, at once, and handles its errors
     */
    HappyEyeballs(
            Dials shared,
            Channel downstream,
            Target target,
            Duration timeout,
            Executor steps,
            Consumer<HappyEyeballs> ended) {
        this.shared = shared;
        this.downstream = downstream;
        this.target = target;
        this.timeout = timeout;
        this.steps = steps;
        this.ended = ended;
    }

    @Override
    public Target target() {
        return target;
    }

    @Override
    public Channel downstream() {
        return downstream;
    }

    @Override
    public Future<Void> givenUp() {
        return givenUp.future();
    }

    @Override
    public void handshakeBegins() {
        handshake = true;
    }

    /** How it ended; null while it has not. */
    DialResult result() {
        return result;
    }

    String sentence() {
        return sentence;
    }

    Dial.Connected connected() {
        return connected;
    }

    void start() {
        deadline = schedule(this::expire, timeout.toNanos());
        shared.resolver().resolve(target.host()).onComplete(answer -> steps.execute(() -> resolved(answer)));
    }

    private ScheduledFuture<?> schedule(Runnable step, long delayNanos) {
        return shared.loop().schedule(() -> steps.execute(step), delayNanos, TimeUnit.NANOSECONDS);
    }

    /**
     * Ends the attempt without calling {@code ended}: closes connects under way, and discards one that connects just
     * now.
     */
    void drop() {
        if (result == null) {
            shared.health().dropped(target, this);
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
        addresses = answer.result();
        for (InetAddress address : interleaved(addresses)) {
            InetSocketAddress socketAddress = new InetSocketAddress(address, target.port());
            if (shared.isOwnListener().test(socketAddress)) {
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
        InetSocketAddress address = inFlight == 0 || shared.connector().mayRace() ? waiting.remove() : null;
        if (!waiting.isEmpty()) {
            stagger = schedule(this::next, TimeUnit.MILLISECONDS.toNanos(STAGGER_MILLIS));
        }
        if (address != null) {
            connect(address);
        }
    }

    private void connect(InetSocketAddress address) {
        inFlight++;
        shared.connector().connect(address, this).onComplete(answer -> steps.execute(() -> connected(address, answer)));
    }

    private void connected(InetSocketAddress address, AsyncResult<Channel> answer) {
        inFlight--;
        if (inFlight > 0) {
            shared.connector().raceEnded();
        }
        if (answer.succeeded()) {
            if (result != null) {
                shared.connector().discard(answer.result());
                return;
            }
            connected = new Dial.Connected(target, address, answer.result());
            end(DialResult.OK, "");
        } else if (result == null) {
            DialResult why = DialResult.of(answer.cause());
            failed(why, describe(address, why.sentence(answer.cause())));
            next();
        }
    }

    private void failed(DialResult why, String what) {
        // Of several addresses, one that failed says more than one that is this relay itself.
        if (why != DialResult.SELF || lastSentence.isEmpty()) {
            lastFailure = why;
            lastSentence = what;
        }
    }

    private void expire() {
        if (result == null) {
            String within = " within " + timeout.toMillis() + " ms";
            if (handshake) {
                end(DialResult.TLS_TIMEOUT, target + ": no TLS handshake" + within);
            } else if (addresses != null) {
                end(DialResult.TIMEOUT, target + ": no connection" + within);
            } else {
                end(DialResult.NAME_UNRESOLVED, target + ": its name was not resolved" + within);
            }
        }
    }

    private void end(DialResult how, String what) {
        if (how != DialResult.OK && addresses != null) {
            shared.resolver().unreachable(target.host(), addresses);
        }
        shared.health().record(target, how, what);
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
        shared.tried().accept(target, how);
    }

    private String describe(InetSocketAddress address, String what) {
        String numeric = address.getAddress().getHostAddress();
        return numeric.equals(target.host()) ? target + ": " + what : target + " (" + numeric + "): " + what;
    }

    /** Alternates the families, beginning with that of the first address, so that a dead family costs one stagger. */
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
