package link.ambassador.relay.proxy;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;

/**
 * The addresses of this machine. To list them takes 18 system calls and 34 µs with two interfaces, and each connect to
 * a port that the relay listens on needs them: in a gateway whose target has the link's port, every connect. So another
 * thread lists them again, when a caller needs them and the list is older than a second. Called on the event loop.
 */
public final class LocalAddresses {
    private static final Logger LOG = Logger.getLogger(LocalAddresses.class.getName());
    static final Duration MAX_AGE = Duration.ofSeconds(1);

    private final Executor worker;
    private final Supplier<Set<InetAddress>> system;
    private volatile Set<InetAddress> known;
    private volatile long readAtNanos;
    private volatile boolean reading;

    private LocalAddresses(Executor worker, Supplier<Set<InetAddress>> system) {
        this.worker = worker;
        this.system = system;
    }

    public static LocalAddresses ofSystem(Executor worker) {
        return of(worker, LocalAddresses::list);
    }

    static LocalAddresses of(Executor worker, Supplier<Set<InetAddress>> system) {
        return new LocalAddresses(worker, system);
    }

    boolean contains(InetAddress address) {
        if (address.isLoopbackAddress()) {
            return true;
        }
        if (known == null) {
            // Here, once: the caller needs an answer, and with a wrong one the relay could dial itself.
            read();
        } else if (!reading && System.nanoTime() - readAtNanos > MAX_AGE.toNanos()) {
            reading = true;
            worker.execute(this::read);
        }
        return known.contains(address);
    }

    private void read() {
        try {
            known = system.get();
        } finally {
            readAtNanos = System.nanoTime();
            reading = false;
        }
    }

    private static Set<InetAddress> list() {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .collect(Collectors.toUnmodifiableSet());
        } catch (SocketException e) {
            LOG.log(Level.WARNING, "cannot list the addresses of this machine", e);
            return Set.of();
        }
    }
}
