package link.ambassador.relay.dns;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsRecordType;
import io.vertx.core.Future;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import link.ambassador.relay.dns.UnresolvedException.Reason;

/**
 * Queries the servers of one resolv.conf, for one full name at a time. The search list, the cache and the hosts file
 * are elsewhere.
 *
 * <p>Netty only carries the single queries ({@link DnsExchange}). Its own resolver tries more servers after NXDOMAIN,
 * reports REFUSED as an unknown name, and hides the TTL of aliases. By default it also waits for a missing AAAA answer
 * although there is an A.
 */
final class DnsClient {
    private static final int TRIES = 2;
    private static final long MIN_TTL_SECONDS = 1;
    private static final long MAX_TTL_SECONDS = 300;
    private static final int MAX_NAME_LENGTH = 253;
    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9_-]{1,63}");

    private final EventLoop loop;
    private final ResolvConf resolvConf;
    private final List<InetSocketAddress> tries = new ArrayList<>();
    private final boolean ipv6;
    private final DnsExchange exchange;

    /** On any thread. */
    DnsClient(EventLoop loop, ResolvConf resolvConf, boolean ipv6) {
        this.loop = loop;
        this.resolvConf = resolvConf;
        this.ipv6 = ipv6;
        for (int i = 0; i < TRIES; i++) {
            tries.addAll(resolvConf.servers());
        }
        exchange = new DnsExchange(loop, resolvConf.servers(), resolvConf.overTcp());
    }

    ResolvConf resolvConf() {
        return resolvConf;
    }

    /**
     * Queries both families of one full name, without a trailing dot. The answer has at least one address, and a TTL
     * within bounds. Fails with {@link UnresolvedException}.
     */
    Future<DnsAnswer> query(String fullName) {
        if (!isName(fullName)) {
            return failed(Reason.INVALID, fullName, "not a valid DNS name");
        }
        Future<DnsAnswer> a = AddressQuery.send(exchange, tries, fullName, DnsRecordType.A);
        Future<DnsAnswer> aaaa = ipv6
                ? AddressQuery.send(exchange, tries, fullName, DnsRecordType.AAAA)
                : Future.succeededFuture(DnsAnswer.NONE);
        return DualStack.combine(loop, a, aaaa).compose(answer -> {
            if (answer.addresses().isEmpty()) {
                String what = answer.nameExists() ? " has no address for it" : " says there is no such name";
                return failed(Reason.NOT_FOUND, fullName, servers() + what);
            }
            long ttl = Math.max(MIN_TTL_SECONDS, Math.min(MAX_TTL_SECONDS, answer.ttlSeconds()));
            return Future.succeededFuture(new DnsAnswer(true, answer.addresses(), ttl));
        });
    }

    private static Future<DnsAnswer> failed(Reason reason, String name, String what) {
        return Future.failedFuture(new UnresolvedException(reason, "'" + name + "': " + what));
    }

    private String servers() {
        return String.join(
                ", ",
                resolvConf.servers().stream().map(AddressQuery::text).distinct().toList());
    }

    private static boolean isName(String fullName) {
        if (fullName.length() > MAX_NAME_LENGTH) {
            return false;
        }
        for (String label : fullName.split("\\.", -1)) {
            if (!LABEL.matcher(label).matches()) {
                return false;
            }
        }
        return true;
    }
}
