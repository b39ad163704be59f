package link.ambassador.relay.names;

import io.netty.buffer.ByteBuf;
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
import java.util.List;
import java.util.Locale;

/**
 * What servers said of one name's addresses, in one family or both.
 *
 * @param nameExists false only when the server said so
 * @param ttlSeconds the shortest TTL of what led to the addresses, aliases included; as answered
 */
record DnsAnswer(boolean nameExists, List<InetAddress> addresses, long ttlSeconds) {
    /** Of a family that is not asked for. */
    static final DnsAnswer NONE = new DnsAnswer(true, List.of(), Long.MAX_VALUE);

    /**
     * Reads NOERROR or NXDOMAIN. Aliases are followed as far as the response tells them, in the order it tells them:
     * like libc, a pod leaves going on to the server.
     */
    static DnsAnswer of(DnsQuestion question, DnsResponse response) {
        List<InetAddress> addresses = new ArrayList<>();
        String owner = question.name().toLowerCase(Locale.ROOT);
        long ttl = Long.MAX_VALUE;
        for (int i = 0; i < response.count(DnsSection.ANSWER); i++) {
            DnsRecord record = response.recordAt(DnsSection.ANSWER, i);
            if (record instanceof ByteBufHolder data && record.name().equalsIgnoreCase(owner)) {
                if (record.type().equals(DnsRecordType.CNAME)) {
                    owner = alias(data.content(), owner);
                    ttl = Math.min(ttl, record.timeToLive());
                } else if (record.type().equals(question.type()) && add(data.content(), addresses)) {
                    ttl = Math.min(ttl, record.timeToLive());
                }
            }
        }
        // Some servers say NXDOMAIN of an alias whose end does not exist: no address either way.
        boolean nameExists = !response.code().equals(DnsResponseCode.NXDOMAIN);
        return new DnsAnswer(nameExists, List.copyOf(addresses), ttl);
    }

    private static String alias(ByteBuf data, String otherwise) {
        try {
            return DefaultDnsRecordDecoder.decodeName(data.duplicate()).toLowerCase(Locale.ROOT);
        } catch (CorruptedFrameException malformed) {
            return otherwise;
        }
    }

    private static boolean add(ByteBuf data, List<InetAddress> addresses) {
        try {
            InetAddress address = InetAddress.getByAddress(ByteBufUtil.getBytes(data));
            return addresses.contains(address) || addresses.add(address);
        } catch (UnknownHostException wrongLength) {
            return false;
        }
    }
}
