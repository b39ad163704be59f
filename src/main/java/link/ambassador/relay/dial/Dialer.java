package link.ambassador.relay.dial;

import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import link.ambassador.config.Target;
import link.ambassador.relay.dns.Resolver;

/**
 * What the dials of one link on one event loop have in common.
 *
 * @param loop where dials live, and where {@code names} and {@code connector} are called and answer
 * @param health shared with the other event loops of the link
 * @param ownListener whether an address is one that this relay listens on
 */
public record Dialer<C>(
        EventExecutor loop,
        Resolver names,
        Connector<C> connector,
        TargetHealth health,
        Predicate<InetSocketAddress> ownListener,
        DialListener listener) {

    /** Starts dialing, at once; on the event loop. {@code connectTimeout} is for each target anew. */
    public Dial<C> dial(List<Target> targets, Duration connectTimeout) {
        Dial<C> dial = new Dial<>(this, connectTimeout);
        dial.start(targets);
        return dial;
    }
}
