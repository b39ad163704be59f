package link.ambassador.relay;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import link.ambassador.config.RelayEnvironment;
import link.ambassador.config.Version;

/** A relay as it runs in a pod, but in the test's process: on the pod's address, with the file of its table. */
public final class PodRelay implements AutoCloseable {
    private final Relay relay;
    private final AutoCloseable table;

    private PodRelay(Relay relay, AutoCloseable table) {
        this.relay = relay;
        this.table = table;
    }

    /** Returns when the admin port is open. */
    public static PodRelay start(String pod, String address, Path file) {
        Relay relay = WatchedRelay.start(Settings.read(Map.of(
                RelayEnvironment.HOSTNAME,
                pod,
                RelayEnvironment.LISTEN_HOST,
                address,
                Settings.ADMIN_HOST,
                address,
                Settings.LINKS_FILE,
                file.toString())));
        return new PodRelay(relay, RelayProcess.serve(relay, Optional.empty(), Version.read()));
    }

    @Override
    public void close() {
        try {
            table.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        relay.close();
    }
}
