package link.ambassador.relay.names;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.resolver.dns.DnsCache;
import io.netty.resolver.dns.DnsCacheEntry;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** In the place of Netty's cache, the only one that is told TTLs: keeps the lowest of each answer and no answer. */
final class LowestTtl implements DnsCache {
    private final Map<String, Long> lowest = new HashMap<>();

    /** The lowest TTL that was answered for a full name, forgotten with this; otherwise when there was none. */
    long take(String fullName, long otherwise) {
        Long ttl = lowest.remove(fullName + ".");
        return ttl == null ? otherwise : ttl;
    }

    @Override
    public DnsCacheEntry cache(
            String hostname, DnsRecord[] additionals, InetAddress address, long originalTtl, EventLoop loop) {
        lowest.merge(hostname.endsWith(".") ? hostname : hostname + ".", originalTtl, Math::min);
        return new Kept(address, null);
    }

    @Override
    public DnsCacheEntry cache(String hostname, DnsRecord[] additionals, Throwable cause, EventLoop loop) {
        return new Kept(null, cause);
    }

    @Override
    public List<? extends DnsCacheEntry> get(String hostname, DnsRecord[] additionals) {
        return List.of();
    }

    @Override
    public void clear() {
        lowest.clear();
    }

    @Override
    public boolean clear(String hostname) {
        return false;
    }

    private record Kept(InetAddress address, Throwable cause) implements DnsCacheEntry {}
}
