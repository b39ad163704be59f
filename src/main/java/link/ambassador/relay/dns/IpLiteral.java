package link.ambassador.relay.dns;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/** Hosts that are IP addresses. */
final class IpLiteral {
    private IpLiteral() {}

    /** The address, if the text is one; a name is never looked up. */
    static Optional<InetAddress> parse(String text) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
        if (bytes == null) {
            return Optional.empty();
        }
        try {
            // With a zone, only the JDK knows which interface it is. It looks up no name either.
            return Optional.of(
                    text.indexOf('%') >= 0 ? InetAddress.getAllByName(text)[0] : InetAddress.getByAddress(bytes));
        } catch (UnknownHostException unknownZone) {
            return Optional.empty();
        }
    }
}
