package link.ambassador.relay.dial;

import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import link.ambassador.config.Target;
import link.ambassador.relay.dns.Resolver;

/**
 * What the dials of one link share.
 *
 * @param loop the event loop that calls everything here
 * @param isOwnListener whether this relay listens on an address
 * @param tried called for every target that was tried, once each
 */
public record Dialer(
        EventExecutor loop,
        Resolver resolver,
        Connector connector,
        TargetHealth health,
        Predicate<InetSocketAddress> isOwnListener,
        BiConsumer<Target, DialResult> tried) {

    /**
     * Starts to dial at once.
     *
     * @param connectTimeout for each target
     */
    public Dial dial(List<Target> targets, Duration connectTimeout) {
        Dial dial = new Dial(this, connectTimeout);
        dial.start(targets);
        return dial;
    }
}
