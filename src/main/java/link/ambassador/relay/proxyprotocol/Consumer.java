package link.ambassador.relay.proxyprotocol;

import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.util.Map;

/**
 * For whom a connection is made.
 *
 * @param source from where the consumer connected
 * @param destination where the consumer connected to
 * @param tlvs what else is known
 */
public record Consumer(InetSocketAddress source, InetSocketAddress destination, Map<TlvType, byte[]> tlvs) {
    /** Of an accepted connection whose header told it. */
    public static final AttributeKey<Consumer> TOLD = AttributeKey.valueOf(Consumer.class, "TOLD");
}
