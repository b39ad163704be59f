package link.ambassador.relay.dial;

import io.netty.channel.Channel;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import link.ambassador.config.Target;
import link.ambassador.config.WhenUnavailable;
import link.ambassador.relay.dns.Resolver;

/**
 * The dials of one link: what they share, and how each begins. Called on the event loop.
 *
 * @param loop the event loop that calls everything here
 * @param isOwnListener whether this relay listens on an address
 * @param tried called for every target that was tried, once each
 * @param retrying called with 1 when every target of a dial has failed and the dial goes on, and with -1 when that dial is over
 */
public record Dials(
        EventExecutor loop,
        Resolver resolver,
        Connector connector,
        TargetHealth health,
        Predicate<InetSocketAddress> isOwnListener,
        BiConsumer<Target, DialResult> tried,
        IntConsumer retrying) {

    /** {@link #start(Channel, List, Duration, WhenUnavailable)} for the relay itself. */
    public Dial start(List<Target> targets, Duration connectTimeout, WhenUnavailable whenUnavailable) {
        return start(null, targets, connectTimeout, whenUnavailable);
    }

    /**
     * Starts to dial at once.
     *
     * @param downstream for which it dials
     * @param connectTimeout for each target
     * @param whenUnavailable whether it goes on when every target has failed, and for how long
     */
    public Dial start(
            Channel downstream, List<Target> targets, Duration connectTimeout, WhenUnavailable whenUnavailable) {
        Dial dial = new Dial(this, downstream, targets, connectTimeout, whenUnavailable);
        dial.begin();
        return dial;
    }

    /** A dial that has succeeded, because a connection was there already. It counts as the connect of the one who uses it. */
    public Dial connected(Dial.Connected connection) {
        Dial dial = new Dial(this, null, List.of(), Duration.ZERO, WhenUnavailable.REFUSE);
        dial.succeed(connection);
        return dial;
    }
}
