package link.ambassador.relay;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import link.ambassador.config.Version;
import link.ambassador.relay.admin.AdminServer;
import link.ambassador.config.RelayEnvironment;
import link.ambassador.relay.table.TableApplier;
import link.ambassador.relay.table.TableFileWatcher;

/** A relay as it runs in a pod, but in the test's process: on the pod's address, from the file with its table. */
public final class PodRelay implements AutoCloseable {
    private final Relay relay;
    private final TableFileWatcher table;

    private PodRelay(Relay relay, TableFileWatcher table) {
        this.relay = relay;
        this.table = table;
    }

    /** It can be asked when this returns. */
    public static PodRelay start(String address, Path file) {
        Settings settings = Settings.read(Map.of(
                RelayEnvironment.LISTEN_HOST,
                address,
                Settings.ADMIN_HOST,
                address,
                Settings.LINKS_FILE,
                file.toString()));
        Relay relay = WatchedRelay.start(settings);
        new AdminServer(relay, Version.read())
                .start()
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
        return new PodRelay(
                relay, TableFileWatcher.follow(file, settings.reservedPorts(), new TableApplier(relay, () -> {})));
    }

    @Override
    public void close() {
        table.close();
        relay.close();
    }
}
