package link.ambassador.relayspec;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Reads, writes, deadlines and ends of both sides at the same time: the tests of golang.org/x/net/nettest for a {@code
 * net.Conn}, through a relay.
 */
final class AtOnceScenarios {

    private static final int AT_ONCE = 4;
    private static final int MESSAGE_BYTES = 8;
    private static final int MESSAGES = 5_000;
    private static final int SHORT_MILLIS = 1;
    private static final Stream ECHOED = new Stream(14, 8 * Stream.MIB);
    private static final Stream ENDLESS = new Stream(15, 64 * Stream.MIB);
    private static final Stream PIECEWISE = new Stream(16, 64 * 1024);

    private AtOnceScenarios() {}

    static List<Scenario> all() {
        return List.of(
                Scenario.of(
                        "anEchoOfBulkComesBackWhole",
                        "8 MiB go up and come back while they go up, byte-exact, and then the FIN of each.",
                        wire -> {
                            Pair pair = wire.open();
                            Future<Void> echoing = wire.meanwhile(() -> echo(pair.upstream()));
                            Future<Void> sending = wire.meanwhile(() -> {
                                ECHOED.sendFrom(pair.downstream());
                                pair.downstream().shutdownOutput();
                                return null;
                            });
                            ECHOED.expectAt(pair.downstream());
                            pair.downstream().expectFin();
                            sending.get();
                            echoing.get();
                        }),
                Scenario.of(
                        "pingPongsAtOnceWaitForNoOther", "4 connections make 500 round trips each, at once.", wire -> {
                            List<Future<?>> running = new ArrayList<>();
                            for (int i = 0; i < AT_ONCE; i++) {
                                Pair pair = wire.open();
                                running.add(wire.meanwhile(() -> OrderScenarios.pingPong(pair, 500)));
                            }
                            for (Future<?> one : running) {
                                one.get();
                            }
                        }),
                Scenario.of(
                        "readersOfOneConnectionGetEachByteOnce",
                        "4 threads read a connection at once, with short deadlines: no byte is lost or doubled.",
                        wire -> {
                            Pair pair = wire.open();
                            readAtOnce(wire, pair.upstream(), pair.downstream());
                        }),
                Scenario.of("readersOfOneConnectionGetEachByteOnceGoingUp", "The same at the upstream.", wire -> {
                    Pair pair = wire.open();
                    readAtOnce(wire, pair.downstream(), pair.upstream());
                }),
                Scenario.of(
                        "writersOfOneConnectionLoseNothing",
                        "4 threads write 5,000 messages each into a connection at once: all arrive, each thread's in order.",
                        wire -> {
                            Pair pair = wire.open();
                            writeAtOnce(wire, pair.downstream(), pair.upstream());
                        }),
                Scenario.of("writersOfOneConnectionLoseNothingComingDown", "The same from the upstream.", wire -> {
                    Pair pair = wire.open();
                    writeAtOnce(wire, pair.upstream(), pair.downstream());
                }),
                Scenario.of(
                        "aReadThatTimesOutLosesNothing",
                        "A downstream whose reads time out again and again gets every byte that comes in between.",
                        wire -> {
                            Pair pair = wire.open();
                            readWithDeadlines(wire, pair.upstream(), pair.downstream());
                        }),
                Scenario.of("aReadThatTimesOutLosesNothingGoingUp", "The same at the upstream.", wire -> {
                    Pair pair = wire.open();
                    readWithDeadlines(wire, pair.downstream(), pair.upstream());
                }),
                Scenario.of(
                        "closingOverABlockedWriteIsAPrefixAndThenAFin",
                        "A downstream closes while a write of it is blocked: the upstream gets what was taken, then a FIN.",
                        wire -> {
                            Pair pair = wire.open();
                            closeOverABlockedWrite(wire, pair.downstream(), pair.upstream());
                        }),
                Scenario.of(
                        "closingOverABlockedWriteIsAPrefixAndThenAFinComingDown",
                        "The same from the upstream.",
                        wire -> {
                            Pair pair = wire.open();
                            closeOverABlockedWrite(wire, pair.upstream(), pair.downstream());
                        }),
                Scenario.of(
                        "closingUnderAReadThatWaitsReachesTheOtherSide",
                        "A side closes while a read of it waits: the other sees its FIN.",
                        wire -> {
                            Pair first = wire.open();
                            closeUnderARead(wire, first.downstream(), first.upstream());
                            Pair second = wire.open();
                            closeUnderARead(wire, second.upstream(), second.downstream());
                        }),
                Scenario.of(
                        "bothSidesMayCloseOverWhatTheySend",
                        "20 times both sides flood and close in the middle of it: the next connection is served.",
                        wire -> {
                            for (int i = 0; i < 20; i++) {
                                floodAndClose(wire, wire.open(), new Random(i));
                            }
                            OrderScenarios.pingPong(wire.open(), 10);
                        }));
    }

    private static Void echo(Peer peer) throws IOException {
        byte[] chunk = new byte[64 * 1024];
        for (Event event = peer.next(chunk, 0); event.kind() == Event.Kind.BYTES; event = peer.next(chunk, 0)) {
            peer.send(chunk, event.length());
        }
        peer.shutdownOutput();
        return null;
    }

    /** Any thread may get any byte, but the number of each value is fixed. */
    private static void readAtOnce(Wire wire, Peer from, Peer to) throws Exception {
        AtomicLongArray sent = new AtomicLongArray(256);
        AtomicLongArray received = new AtomicLongArray(256);
        to.readsWait(SHORT_MILLIS);
        List<Future<?>> reading = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            Random random = new Random(i);
            reading.add(wire.meanwhile(() -> {
                Event event = Event.NOTHING;
                while (event.kind() != Event.Kind.FIN) {
                    byte[] into = new byte[1 + random.nextInt(10_000)];
                    event = to.next(into, 0);
                    if (event.kind() == Event.Kind.RESET) {
                        throw new AssertionError("a reader saw " + event);
                    }
                    count(into, event.length(), received);
                }
                return null;
            }));
        }
        new Stream(17, 2 * Stream.MIB).sendFrom((bytes, length) -> {
            count(bytes, length, sent);
            from.send(bytes, length);
        });
        from.shutdownOutput();
        for (Future<?> one : reading) {
            one.get();
        }
        if (!sent.toString().equals(received.toString())) {
            throw new AssertionError("the readers did not get the bytes that were sent");
        }
    }

    private static void count(byte[] bytes, int length, AtomicLongArray byValue) {
        for (int i = 0; i < length; i++) {
            byValue.incrementAndGet(bytes[i] & 0xff);
        }
    }

    private static void writeAtOnce(Wire wire, Peer from, Peer to) throws Exception {
        List<Future<?>> writing = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            int writer = i;
            writing.add(wire.meanwhile(() -> {
                for (int number = 0; number < MESSAGES; number++) {
                    from.send(ByteBuffer.allocate(MESSAGE_BYTES)
                            .putInt(writer)
                            .putInt(number)
                            .array());
                }
                return null;
            }));
        }
        int[] next = new int[AT_ONCE];
        for (int i = 0; i < AT_ONCE * MESSAGES; i++) {
            ByteBuffer message = ByteBuffer.wrap(to.receive(MESSAGE_BYTES));
            int writer = message.getInt();
            int number = message.getInt();
            if (writer < 0 || writer >= AT_ONCE || number != next[writer]) {
                throw new AssertionError("message " + number + " of writer " + writer + " is not in its place");
            }
            next[writer]++;
        }
        for (Future<?> one : writing) {
            one.get();
        }
    }

    private static void readWithDeadlines(Wire wire, Peer from, Peer to) throws Exception {
        Random random = new Random(18);
        Future<Void> sending = wire.meanwhile(() -> {
            PIECEWISE.sendFrom((bytes, length) -> {
                for (int at = 0; at < length; ) {
                    int piece = Math.min(length - at, 1 + random.nextInt(2_000));
                    byte[] some = new byte[piece];
                    System.arraycopy(bytes, at, some, 0, piece);
                    from.send(some);
                    at += piece;
                    pause(3);
                }
            });
            from.shutdownOutput();
            return null;
        });
        to.readsWait(SHORT_MILLIS);
        AtomicLong timedOut = new AtomicLong();
        PIECEWISE.expectThroughTimeoutsAt(to, timedOut);
        sending.get();
        if (timedOut.get() == 0) {
            throw new AssertionError("no read timed out, so that nothing was tried");
        }
    }

    private static void closeOverABlockedWrite(Wire wire, Peer from, Peer to) throws Exception {
        Flood flood = Flood.untilBlocked(wire, from, ENDLESS);
        from.close();
        Event end = ENDLESS.expectPrefixAt(to);
        if (end.kind() != Event.Kind.FIN) {
            throw new AssertionError(
                    "after what was taken, at least " + flood.sent() + " bytes, came " + end + " instead of a FIN");
        }
    }

    private static void closeUnderARead(Wire wire, Peer closing, Peer other) throws Exception {
        Future<Event> reading = wire.meanwhile(() -> {
            try {
                return closing.next();
            } catch (IOException closed) {
                return Event.NOTHING;
            }
        });
        other.expectNothingFor(20);
        closing.close();
        other.expectFin();
        reading.get();
    }

    private static void floodAndClose(Wire wire, Pair pair, Random random) throws Exception {
        Future<Void> up = wire.meanwhile(() -> flood(pair.downstream()));
        Future<Void> down = wire.meanwhile(() -> flood(pair.upstream()));
        pause(random.nextInt(5));
        Future<Void> closing = wire.meanwhile(() -> {
            pair.upstream().close();
            return null;
        });
        pair.downstream().close();
        closing.get();
        up.get();
        down.get();
    }

    private static Void flood(Peer peer) {
        try {
            ENDLESS.sendFrom(peer);
        } catch (IOException closed) {
            // The expected end.
        }
        return null;
    }

    private static void pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
