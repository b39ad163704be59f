package link.ambassador.relay.proxyprotocol;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import link.ambassador.config.UpstreamProxyProtocol;

/** Writes the header of a connection to a target. */
public final class SentHeader {
    /**
     * With a counter behind it: no two connections of any relays share both. Not from a SecureRandom, whose start would hold up the
     * event loop: it has to be another one, and no secret.
     */
    private static final String RUN =
            HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());

    private static final AtomicLong CONNECTIONS = new AtomicLong();

    private SentHeader() {}

    /**
     * For the consumer of an accepted connection: whom that connection's own header told, or its peer.
     *
     * @param ofTls what the relay knows of the consumer from a TLS handshake; empty without one
     */
    public static ByteBuf of(Channel accepted, UpstreamProxyProtocol wanted, Pod pod, Map<TlvType, byte[]> ofTls) {
        Consumer consumer = consumer(accepted, pod);
        if (consumer == null) {
            return local(accepted, wanted.version());
        }
        return buffer(
                accepted,
                switch (wanted.version()) {
                    case V1 -> HeaderV1.write(consumer.source(), consumer.destination());
                    case V2 -> HeaderV2.write(withTlvs(consumer, wanted, ofTls));
                });
    }

    /** For a connection that the relay makes for itself, such as a health check. */
    public static ByteBuf local(Channel channel, UpstreamProxyProtocol.Version version) {
        return buffer(
                channel,
                switch (version) {
                    case V1 -> HeaderV1.writeUnknown();
                    case V2 -> HeaderV2.writeLocal();
                });
    }

    private static ByteBuf buffer(Channel channel, byte[] header) {
        return channel.alloc().directBuffer(header.length, header.length).writeBytes(header);
    }

    /** Null if the connection is closed. */
    private static Consumer consumer(Channel accepted, Pod pod) {
        if (accepted.hasAttr(Consumer.TOLD)) {
            return accepted.attr(Consumer.TOLD).get();
        }
        InetSocketAddress source = unmapped(accepted.remoteAddress());
        InetSocketAddress destination = unmapped(accepted.localAddress());
        if (source == null || destination == null) {
            return null;
        }
        Map<TlvType, byte[]> tlvs = Map.of();
        if (source.getAddress().isLoopbackAddress()) {
            if (pod.identity().isPresent()) {
                tlvs = Map.of(TlvType.POD_IDENTITY, pod.identity().get().getBytes(StandardCharsets.US_ASCII));
            }
            if (pod.address().isPresent()) {
                InetAddress address = pod.address().get();
                return new Consumer(
                        new InetSocketAddress(address, source.getPort()),
                        new InetSocketAddress(address, destination.getPort()),
                        tlvs);
            }
        }
        return new Consumer(source, destination, tlvs);
    }

    private static Consumer withTlvs(Consumer consumer, UpstreamProxyProtocol wanted, Map<TlvType, byte[]> ofTls) {
        if (consumer.tlvs().isEmpty() && ofTls.isEmpty() && wanted.tlvs().isEmpty()) {
            return consumer;
        }
        Map<TlvType, byte[]> tlvs = new EnumMap<>(TlvType.class);
        tlvs.putAll(consumer.tlvs());
        if (!ofTls.isEmpty()) {
            tlvs.remove(TlvType.AUTHORITY);
            tlvs.putAll(ofTls);
        }
        if (!wanted.tlvs().contains(UpstreamProxyProtocol.Tlv.POD_IDENTITY)) {
            tlvs.remove(TlvType.POD_IDENTITY);
        }
        if (!wanted.tlvs().contains(UpstreamProxyProtocol.Tlv.UNIQUE_ID)) {
            tlvs.remove(TlvType.UNIQUE_ID);
        } else if (!tlvs.containsKey(TlvType.UNIQUE_ID)) {
            String id = RUN + HexFormat.of().toHexDigits(CONNECTIONS.getAndIncrement());
            tlvs.put(TlvType.UNIQUE_ID, id.getBytes(StandardCharsets.US_ASCII));
        }
        return new Consumer(consumer.source(), consumer.destination(), tlvs);
    }

    private static InetSocketAddress unmapped(java.net.SocketAddress address) {
        if (!(address instanceof InetSocketAddress of) || !(of.getAddress() instanceof Inet6Address)) {
            return (InetSocketAddress) address;
        }
        try {
            // Makes an IPv4 address of one that is mapped into IPv6, and forgets the zone.
            return new InetSocketAddress(
                    InetAddress.getByAddress(of.getAddress().getAddress()), of.getPort());
        } catch (UnknownHostException e) {
            throw new IllegalStateException(NetUtil.toAddressString(of.getAddress()) + " is an address", e);
        }
    }
}
