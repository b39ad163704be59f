package link.ambassador.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyTLV;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashMap;
import java.util.Map;
import link.ambassador.relay.proxyprotocol.Headers;

/** A target that reads a PROXY protocol header from each connection, by Netty's codec. */
final class HeaderUpstream implements AutoCloseable {
    static final int UNIQUE_ID = 0x05;
    static final int AUTHORITY = 0x02;
    static final int TLS = 0x20;
    static final int POD_IDENTITY = 0xE0;

    private static final int FIXED_BYTES = 16;

    /** What a connection began with; {@code addresses} as {@code source:port destination:port}, or empty. */
    record Header(String version, String command, String addresses, Map<Integer, String> tlvs) {}

    private final ServerSocket server;

    HeaderUpstream(InetSocketAddress address) throws IOException {
        server = new ServerSocket(address.getPort(), 50, address.getAddress());
    }

    Socket accept() throws IOException {
        server.setSoTimeout(30_000);
        Socket socket = server.accept();
        socket.setSoTimeout(30_000);
        return socket;
    }

    static Header header(Socket socket) throws IOException {
        return parse(bytes(socket));
    }

    private static byte[] bytes(Socket socket) throws IOException {
        byte[] first = socket.getInputStream().readNBytes(FIXED_BYTES);
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        header.writeBytes(first);
        if (first.length == FIXED_BYTES && first[0] == '\r') {
            int length = (first[14] & 0xff) << 8 | (first[15] & 0xff);
            header.writeBytes(socket.getInputStream().readNBytes(length));
            return header.toByteArray();
        }
        int last = first.length == 0 ? -1 : first[first.length - 1];
        while (last != '\n' && last >= 0) {
            last = socket.getInputStream().read();
            header.write(last);
        }
        return header.toByteArray();
    }

    private static Header parse(byte[] bytes) {
        HAProxyMessage message = Headers.readByNetty(bytes)
                .orElseThrow(() -> new AssertionError("no header: " + new String(bytes, US_ASCII)));
        try {
            Map<Integer, String> tlvs = new HashMap<>();
            for (HAProxyTLV tlv : message.tlvs()) {
                tlvs.put(tlv.typeByteValue() & 0xff, text(tlv.content()));
            }
            String addresses = message.sourceAddress() == null
                    ? ""
                    : message.sourceAddress() + ":" + message.sourcePort() + " " + message.destinationAddress() + ":"
                            + message.destinationPort();
            return new Header(
                    message.protocolVersion().name(), message.command().name(), addresses, Map.copyOf(tlvs));
        } finally {
            message.release();
        }
    }

    private static String text(ByteBuf content) {
        return content.toString(US_ASCII);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
