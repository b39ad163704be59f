package link.ambassador.relayspec;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import link.ambassador.TestProcess;

/** Whether a fact held; {@code reason} says what happened if it did not. */
public record Verdict(Outcome outcome, String reason) {

    /** The possible results of a scenario. */
    public enum Outcome {
        HOLDS,
        FAILS,
        DOES_NOT_APPLY
    }

    private static final int LIMIT_SECONDS = 10;

    private static final int PORTS = 8_000;
    private static final int FIRST_PORT = TestProcess.first(21_000, PORTS);
    private static final AtomicInteger NEXT_PORT = new AtomicInteger();

    /** Runs one scenario against a new relay, which it starts and closes. */
    public static Verdict of(Scenario scenario, RelayUnderTest relay) throws InterruptedException {
        if (scenario.needsRelay() && !relay.isRelay()) {
            return new Verdict(Outcome.DOES_NOT_APPLY, "");
        }
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (relay) {
            InetSocketAddress target = new InetSocketAddress(loopback, freePort());
            int listen = freePort();
            relay.start(listen, target);
            Wire wire = new Wire(relay.isRelay() ? new InetSocketAddress(loopback, listen) : target, target);
            return run(scenario, wire);
        } catch (IOException e) {
            return new Verdict(Outcome.FAILS, "the relay does not start: " + e.getMessage());
        }
    }

    private static Verdict run(Scenario scenario, Wire wire) throws InterruptedException {
        FutureTask<Void> task = new FutureTask<>(() -> {
            scenario.body().run(wire);
            return null;
        });
        Thread thread = new Thread(task, "relayspec-scenario");
        thread.setDaemon(true);
        thread.start();
        try {
            task.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            return new Verdict(Outcome.HOLDS, "");
        } catch (ExecutionException e) {
            return new Verdict(Outcome.FAILS, words(e.getCause()));
        } catch (TimeoutException e) {
            return new Verdict(Outcome.FAILS, "no end after " + LIMIT_SECONDS + " s");
        } finally {
            wire.close(); // also ends a scenario that hangs in a socket
        }
    }

    private static String words(Throwable e) {
        Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
        return cause instanceof AssertionError ? cause.getMessage() : cause.toString();
    }

    /** A port that is free now. It is below the range that the kernel uses, so it stays free. */
    static int freePort() throws IOException {
        for (int tries = 0; ; tries++) {
            int port = FIRST_PORT + NEXT_PORT.getAndIncrement() % TestProcess.share(PORTS);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException taken) {
                if (tries == 1_000) {
                    throw taken;
                }
            }
        }
    }
}
