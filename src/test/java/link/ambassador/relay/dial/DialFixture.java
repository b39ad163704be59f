package link.ambassador.relay.dial;

import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.AttributeKey;
import io.netty.util.NetUtil;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import link.ambassador.config.Target;
import link.ambassador.config.WhenUnavailable;
import link.ambassador.relay.dns.Resolver;

/** Dials in which the test decides when time passes, names resolve and connects end. All on the thread of the test. */
final class DialFixture {
    static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final AttributeKey<String> ADDRESS = AttributeKey.valueOf(DialFixture.class, "ADDRESS");

    private final EmbeddedChannel time = new EmbeddedChannel();
    private final AtomicLong nanos = new AtomicLong();
    private final Map<String, Future<List<InetAddress>>> names = new HashMap<>();
    private final Map<String, Promise<Channel>> connects = new LinkedHashMap<>();
    private final Set<String> begun = new HashSet<>();

    /** The targets that were tried, as {@code host:port RESULT}. */
    final List<String> attempted = new ArrayList<>();

    /** Connects that were closed while they were under way. */
    final List<String> closed = new ArrayList<>();

    /** The hosts none of whose addresses could be connected, as {@code host number}. */
    final List<String> unreachable = new ArrayList<>();

    final List<String> discarded = new ArrayList<>();
    /** How many connects may race others. */
    int maxRaces = Integer.MAX_VALUE;

    /** How many connects race others now. */
    int races;

    /** How many dials go on although every target has failed. */
    int retrying;

    final Set<String> own = new HashSet<>();
    final TargetHealth health = new TargetHealth(nanos::get);
    private final Dials shared = new Dials(
            time.eventLoop(),
            new Answering(),
            new Connecting(),
            health,
            address -> own.contains(shown(address)),
            (target, result) -> attempted.add(target + " " + result),
            change -> retrying += change);

    DialFixture() {
        time.freezeTime();
    }

    Dial dial(String... targets) {
        return dialWithin(TIMEOUT, targets);
    }

    /** A dial that goes on for this long when every target has failed. */
    Dial dialAndHold(Duration timeout, String... targets) {
        return shared.start(targets(targets), TIMEOUT, WhenUnavailable.hold(timeout));
    }

    Dial dialWithin(Duration connectTimeout, String... targets) {
        return shared.start(targets(targets), connectTimeout, WhenUnavailable.REFUSE);
    }

    static List<Target> targets(String... hosts) {
        return Arrays.stream(hosts).map(host -> new Target(host, 1)).toList();
    }

    void name(String host, String... addresses) {
        names.put(host, Future.succeededFuture(addresses(addresses)));
    }

    void name(String host, Future<List<InetAddress>> outcome) {
        names.put(host, outcome);
    }

    void later(long millis) {
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
        time.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        time.runScheduledPendingTasks();
    }

    /** The addresses of the connects that began since the last call. */
    List<String> connects() {
        List<String> connects = begun.stream().sorted().toList();
        begun.clear();
        return connects;
    }

    void succeed(String address) {
        Channel channel = new EmbeddedChannel();
        channel.attr(ADDRESS).set(address);
        connects.remove(address).complete(channel);
    }

    /** The address that the dial is connected to. */
    static String reachedBy(Dial dial) {
        return dial.outcome().result().channel().attr(ADDRESS).get();
    }

    void refuse(String address) {
        fail(address, new ConnectException("Connection refused"));
    }

    void fail(String address, Throwable why) {
        connects.remove(address).fail(why);
    }

    static List<InetAddress> addresses(String... literals) {
        return Arrays.stream(literals).map(DialFixture::address).toList();
    }

    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByAddress(NetUtil.createByteArrayFromIpAddressString(literal));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static String shown(InetSocketAddress address) {
        return address.getAddress().getHostAddress();
    }

    private final class Answering implements Resolver {
        @Override
        public Future<List<InetAddress>> resolve(String host) {
            return names.containsKey(host) ? names.get(host) : Future.succeededFuture(addresses(host));
        }

        @Override
        public void unreachable(String host, List<InetAddress> addresses) {
            unreachable.add(host + " " + addresses.size());
        }
    }

    private final class Connecting implements Connector {
        @Override
        public Future<Channel> connect(InetSocketAddress address, Connector.Attempt attempt) {
            Promise<Channel> promise = Promise.promise();
            attempt.givenUp().onComplete(done -> {
                if (promise.tryFail("given up")) {
                    closed.add(shown(address));
                }
            });
            connects.put(shown(address), promise);
            begun.add(shown(address));
            return promise.future();
        }

        @Override
        public boolean mayRace() {
            if (races == maxRaces) {
                return false;
            }
            races++;
            return true;
        }

        @Override
        public void raceEnded() {
            races--;
        }

        @Override
        public void discard(Channel connection) {
            discarded.add(connection.attr(ADDRESS).get());
        }
    }
}
