package link.ambassador.relay;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Redis' protocol (RESP 2) on one connection. Sends and reads are separate, so that commands can be pipelined. */
final class RedisClient implements AutoCloseable {
    /** Stands for a null reply, so that replies can be compared and listed. */
    static final String NIL = "(nil)";

    private static final int READ_MILLIS = 60_000;

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;

    RedisClient(InetSocketAddress address) throws IOException {
        socket = new Socket();
        socket.connect(address, 5_000);
        socket.setSoTimeout(READ_MILLIS);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
        out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
    }

    Object call(String... words) throws IOException {
        send(words);
        return reply();
    }

    void send(String... words) throws IOException {
        queue(words);
        out.flush();
    }

    /** Like {@link #send}, but the command may wait for the next {@link #send}. */
    void queue(String... words) throws IOException {
        byte[][] arguments = new byte[words.length][];
        for (int i = 0; i < words.length; i++) {
            arguments[i] = words[i].getBytes(StandardCharsets.UTF_8);
        }
        queue(arguments);
    }

    void queue(byte[]... words) throws IOException {
        line("*" + words.length);
        for (byte[] word : words) {
            line("$" + word.length);
            out.write(word);
            line("");
        }
    }

    private void line(String text) throws IOException {
        out.write((text + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    void flush() throws IOException {
        out.flush();
    }

    /** The next reply: a String, a Long or a List of those; errors keep their minus sign. */
    Object reply() throws IOException {
        String line = line();
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+' -> rest;
            case '-' -> line;
            case ':' -> Long.valueOf(rest);
            case '$' -> rest.equals("-1") ? NIL : new String(body(rest), StandardCharsets.UTF_8);
            case '*' -> rest.equals("-1") ? NIL : list(Integer.parseInt(rest));
            default -> throw new IOException("not Redis' protocol: " + line);
        };
    }

    /** The next reply, which must be a bulk string, unchanged. */
    byte[] bytes() throws IOException {
        String line = line();
        if (line.charAt(0) != '$') {
            throw new IOException("no bulk string: " + line);
        }
        return body(line.substring(1));
    }

    private List<Object> list(int size) throws IOException {
        List<Object> elements = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            elements.add(reply());
        }
        return elements;
    }

    private byte[] body(String length) throws IOException {
        byte[] body = new byte[Integer.parseInt(length)];
        in.readFully(body);
        if (!line().isEmpty()) {
            throw new IOException("a bulk string is longer than its length says");
        }
        return body;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\r'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the connection ended in a reply, after '" + line + "'");
            }
            line.append((char) next);
        }
        if (in.read() != '\n') {
            throw new IOException("a line without its end: " + line);
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
