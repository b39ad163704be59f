package link.ambassador.relay.dns;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/** IP addresses written as such. */
final class IpLiteral {
    private IpLiteral() {}

    /** The address, if the text is one; a name is never looked up. */
    static Optional<InetAddress> parse(String text) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
        if (bytes == null) {
            return Optional.empty();
        }
        try {
            // With a zone only the JDK's parser knows which interface is meant; it looks up no name here either.
            return Optional.of(
                    text.indexOf('%') >= 0 ? InetAddress.getAllByName(text)[0] : InetAddress.getByAddress(bytes));
        } catch (UnknownHostException unknownZone) {
            return Optional.empty();
        }
    }
}
