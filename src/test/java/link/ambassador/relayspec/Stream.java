package link.ambassador.relayspec;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes that depend on their position in the stream, so that a lost, doubled, moved or foreign byte is found where it
 * happens, without a copy to compare with.
 */
record Stream(int seed, long length) {

    private static final int CHUNK = 64 * 1024;

    static final long MIB = 1024 * 1024;

    /** Takes bytes to send. */
    @FunctionalInterface
    interface Sink {
        void send(byte[] bytes, int length) throws IOException;
    }

    void sendFrom(Peer peer) throws IOException {
        sendFrom((Sink) peer::send);
    }

    void sendFrom(Sink sink) throws IOException {
        byte[] chunk = new byte[CHUNK];
        for (long sent = 0; sent < length; ) {
            int n = (int) Math.min(CHUNK, length - sent);
            for (int i = 0; i < n; i++) {
                chunk[i] = byteAt(sent + i);
            }
            sink.send(chunk, n);
            sent += n;
        }
    }

    void expectAt(Peer peer) throws IOException {
        long received = receiveUpTo(peer, length, new byte[CHUNK]);
        if (received < length) {
            throw new AssertionError("stream ended or stalled after " + received + " of " + length + " bytes");
        }
    }

    /** Reads up to the FIN, and again after a timeout; {@code timedOut} counts the timeouts. */
    void expectThroughTimeoutsAt(Peer peer, AtomicLong timedOut) throws IOException {
        byte[] chunk = new byte[CHUNK];
        long at = 0;
        while (true) {
            Event event = peer.next(chunk, 0);
            switch (event.kind()) {
                case BYTES -> {
                    check(chunk, event.length(), at);
                    at += event.length();
                }
                case NOTHING -> timedOut.incrementAndGet();
                default -> {
                    if (event.kind() != Event.Kind.FIN || at != length) {
                        throw new AssertionError("saw " + event + " after " + at + " of " + length + " bytes");
                    }
                    return;
                }
            }
        }
    }

    /** Reads small pieces, so that the peer's kernel stays full until the last of them. */
    void expectInPiecesAt(Peer peer, int piece) throws IOException {
        long received = receiveUpTo(peer, length, new byte[piece]);
        if (received < length) {
            throw new AssertionError("stream ended or stalled after " + received + " of " + length + " bytes");
        }
    }

    /** Reads to an end of any kind; each byte before it must be right. */
    Event expectPrefixAt(Peer peer) throws IOException {
        byte[] chunk = new byte[CHUNK];
        long at = 0;
        while (true) {
            Event event = peer.next(chunk, 0);
            if (event.kind() != Event.Kind.BYTES) {
                return event;
            }
            check(chunk, event.length(), at);
            at += event.length();
        }
    }

    private long receiveUpTo(Peer peer, long limit, byte[] chunk) throws IOException {
        long at = 0;
        while (at < limit) {
            // Never past the end, because the bytes behind it belong to the next expectation.
            byte[] into = limit - at < chunk.length ? new byte[(int) (limit - at)] : chunk;
            Event event = peer.next(into, 0);
            if (event.kind() != Event.Kind.BYTES) {
                return at;
            }
            check(into, event.length(), at);
            at += event.length();
        }
        return at;
    }

    private void check(byte[] chunk, int n, long at) {
        for (int i = 0; i < n; i++) {
            if (chunk[i] != byteAt(at + i)) {
                throw new AssertionError("wrong byte at " + (at + i));
            }
        }
    }

    /** A multiplicative mix, so that neighbours, pages and streams of other seeds differ. */
    private byte byteAt(long position) {
        return (byte) (((position + seed * 7919L) * 0x9E3779B97F4A7C15L) >>> 56);
    }

    Future<Void> sendingFrom(Peer peer, Wire wire) {
        Callable<Void> sending = () -> {
            sendFrom(peer);
            return null;
        };
        return wire.meanwhile(sending);
    }
}
