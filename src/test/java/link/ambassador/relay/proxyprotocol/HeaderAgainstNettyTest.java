package link.ambassador.relay.proxyprotocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The relay's headers beside Netty's codec. {@code -Dheaders.mutated=1000000} mutates more than a build needs. */
class HeaderAgainstNettyTest {
    private static final int MUTATED = Integer.getInteger("headers.mutated", 30_000);
    private final SplittableRandom random = new SplittableRandom(20261130);

    @Test
    void nettyReadsWhatTheRelayWrites() throws Exception {
        for (int i = 0; i < 2_000; i++) {
            Consumer consumer = consumer();
            same(consumer, HeaderV1.write(consumer.source(), consumer.destination()), HAProxyProtocolVersion.V1);
            byte[] header = HeaderV2.write(consumer);
            same(consumer, header, HAProxyProtocolVersion.V2);
            // In whatever pieces it comes.
            assertThat(Headers.read(header, 1 + random.nextInt(40))).isPresent();
        }
    }

    private static void same(Consumer consumer, byte[] header, HAProxyProtocolVersion version) throws Exception {
        HAProxyMessage message = Headers.readByNetty(header).orElseThrow();
        try {
            assertThat(message.protocolVersion()).isEqualTo(version);
            assertThat(shown(message)).isEqualTo(shown(consumer));
            assertThat(shown(Headers.read(header).orElseThrow())).isEqualTo(shown(consumer));
        } finally {
            message.release();
        }
    }

    /** A mutated header is read alike, or refused; and the relay never reads beyond it, nor waits for more. */
    @Test
    void ofMutatedHeadersTheRelayAcceptsNoneThatNettyRefuses() throws Exception {
        int accepted = 0;
        for (int i = 0; i < MUTATED; i++) {
            Consumer consumer = consumer();
            byte[] header = random.nextBoolean()
                    ? HeaderV1.write(consumer.source(), consumer.destination())
                    : HeaderV2.write(consumer);
            for (int mutations = 1 + random.nextInt(3); mutations > 0; mutations--) {
                header[random.nextInt(header.length)] = (byte)
                        (random.nextBoolean() ? random.nextInt(256) : " \r\n0123456789.:".charAt(random.nextInt(15)));
            }
            Optional<Consumer> told = read(header);
            if (told.isPresent()) {
                accepted++;
                agrees(told.get(), header);
            }
        }
        assertThat(accepted).isGreaterThan(MUTATED / 20);
    }

    /** Empty if it was refused, or is of nobody, or is one of another length now. */
    private static Optional<Consumer> read(byte[] header) {
        try {
            return Headers.read(header);
        } catch (BadHeaderException refused) {
            assertThat(refused.getMessage()).hasSizeLessThan(300).doesNotContain("\n", "\r");
            return Optional.empty();
        } catch (IllegalStateException otherLength) {
            return Optional.empty();
        }
    }

    private static void agrees(Consumer told, byte[] header) throws UnknownHostException {
        Optional<HAProxyMessage> message = Headers.readByNetty(header);
        assertThat(message).as(HexFormat.of().formatHex(header)).isPresent();
        try {
            assertThat(shown(message.get())).isEqualTo(shown(told));
        } finally {
            message.get().release();
        }
    }

    private static String shown(HAProxyMessage message) throws UnknownHostException {
        assertThat(message.proxiedProtocol()).isIn(HAProxyProxiedProtocol.TCP4, HAProxyProxiedProtocol.TCP6);
        return NetUtil.createInetAddressFromIpAddressString(message.sourceAddress())
                + " " + message.sourcePort() + " "
                + NetUtil.createInetAddressFromIpAddressString(message.destinationAddress()) + " "
                + message.destinationPort();
    }

    private static String shown(Consumer consumer) throws UnknownHostException {
        return InetAddress.getByAddress(consumer.source().getAddress().getAddress())
                + " " + consumer.source().getPort() + " "
                + InetAddress.getByAddress(consumer.destination().getAddress().getAddress())
                + " " + consumer.destination().getPort();
    }

    private Consumer consumer() throws UnknownHostException {
        int bytes = random.nextBoolean() ? 4 : 16;
        Map<TlvType, byte[]> tlvs = new EnumMap<>(TlvType.class);
        for (TlvType type : TlvType.values()) {
            if (random.nextInt(3) == 0) {
                tlvs.put(type, value(type));
            }
        }
        return new Consumer(address(bytes), address(bytes), tlvs);
    }

    private byte[] value(TlvType type) {
        if (type == TlvType.TLS) {
            return TlsTlv.of("TLSv1.3", "TLS_AES_128_GCM_SHA256", random.nextBoolean(), Optional.of("web"));
        }
        byte[] value = new byte[1 + random.nextInt(100)];
        random.nextBytes(value);
        return value;
    }

    private InetSocketAddress address(int bytes) throws UnknownHostException {
        byte[] address = new byte[bytes];
        random.nextBytes(address);
        return new InetSocketAddress(InetAddress.getByAddress(address), random.nextInt(65536));
    }
}
