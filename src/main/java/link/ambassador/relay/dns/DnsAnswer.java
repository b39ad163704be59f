package link.ambassador.relay.dns;

import io.netty.buffer.ByteBufHolder;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The addresses of one name, in one family or both.
 *
 * @param nameExists false only if the server said so
 * @param ttlSeconds the shortest TTL on the way to the addresses, aliases included; as answered
 */
record DnsAnswer(boolean nameExists, List<InetAddress> addresses, long ttlSeconds) {
    /** The answer for a family that is not queried. */
    static final DnsAnswer NONE = new DnsAnswer(true, List.of(), Long.MAX_VALUE);

    /**
     * Reads a response of NOERROR or NXDOMAIN. Follows aliases only within the response, in any order: as in libc, the
     * server has to follow the others.
     */
    static DnsAnswer of(DnsQuestion question, DnsResponse response) {
        Map<String, DnsRecord> aliases = new HashMap<>();
        List<DnsRecord> records = new ArrayList<>();
        for (int i = 0; i < response.count(DnsSection.ANSWER); i++) {
            DnsRecord record = response.recordAt(DnsSection.ANSWER, i);
            if (record.type().equals(DnsRecordType.CNAME)) {
                aliases.putIfAbsent(record.name().toLowerCase(Locale.ROOT), record);
            } else if (record.type().equals(question.type())) {
                records.add(record);
            }
        }
        Set<String> owners = new HashSet<>();
        String owner = question.name().toLowerCase(Locale.ROOT);
        long ttl = Long.MAX_VALUE;
        // Also ends at an alias that leads back.
        while (owner != null && owners.add(owner)) {
            DnsRecord alias = aliases.get(owner);
            owner = alias == null ? null : nameIn(alias);
            ttl = owner == null ? ttl : Math.min(ttl, alias.timeToLive());
        }
        List<InetAddress> addresses = new ArrayList<>();
        for (DnsRecord record : records) {
            if (owners.contains(record.name().toLowerCase(Locale.ROOT)) && add(record, addresses)) {
                ttl = Math.min(ttl, record.timeToLive());
            }
        }
        // Some servers answer NXDOMAIN for an alias to a name that does not exist. Either way there is no address.
        boolean nameExists = !response.code().equals(DnsResponseCode.NXDOMAIN);
        return new DnsAnswer(nameExists, List.copyOf(addresses), ttl);
    }

    /** Null if it cannot be read. */
    private static String nameIn(DnsRecord alias) {
        try {
            return alias instanceof ByteBufHolder data
                    ? DefaultDnsRecordDecoder.decodeName(data.content().duplicate())
                            .toLowerCase(Locale.ROOT)
                    : null;
        } catch (CorruptedFrameException malformed) {
            return null;
        }
    }

    private static boolean add(DnsRecord record, List<InetAddress> addresses) {
        if (!(record instanceof ByteBufHolder data)) {
            return false;
        }
        try {
            InetAddress address = InetAddress.getByAddress(ByteBufUtil.getBytes(data.content()));
            return addresses.contains(address) || addresses.add(address);
        } catch (UnknownHostException wrongLength) {
            return false;
        }
    }
}
