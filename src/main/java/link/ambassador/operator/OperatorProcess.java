package link.ambassador.operator;

import io.quarkus.runtime.Quarkus;
import java.io.PrintStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import link.ambassador.config.BadSettingException;
import link.ambassador.config.FreePort;
import org.jboss.logging.Logger;

/**
 * The operator role: boots Quarkus with the settings of the environment, runs until SIGTERM, and prints one sentence if it cannot
 * start.
 *
 * <pre>
 *   main ── settings ── Quarkus boots ── {@link OperatorApplication} waits ── application stops ── halt(status)
 *                                                     ↑ SIGTERM
 *   hook ──────────────────────────────────────────── waits for main ──(too long)── halt(1)
 * </pre>
 *
 * The process always ends by {@code halt}: after SIGTERM the JVM itself would end with status 143, although an operator that
 * stopped in order was successful.
 */
public final class OperatorProcess {
    private static final Logger LOG = Logger.getLogger(OperatorProcess.class);

    /** From SIGTERM to the end; the installation's grace period is longer. */
    private static final Duration STOP_LIMIT = Duration.ofSeconds(15);

    private OperatorProcess() {}

    /**
     * Runs an operator. Does not return once it has started.
     *
     * @param others check what the environment says to other rooms, and throw a {@link BadSettingException} for what makes no sense
     * @return false when it cannot start; the sentence is on {@code err} then
     */
    public static boolean start(
            Map<String, String> environment, String version, PrintStream err, Consumer<Map<String, String>> others) {
        OperatorSettings settings;
        try {
            settings = OperatorSettings.read(environment);
            FreePort.require(OperatorSettings.ADMIN_PORT, settings.adminPort());
            others.accept(environment);
        } catch (BadSettingException e) {
            err.println(e.getMessage());
            return false;
        }
        OperatorLog.ofProcess(settings.logFormat());
        forQuarkus(settings).forEach(System::setProperty);
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> endAfter(main), "stop-limit"));
        Quarkus.run(OperatorApplication.class, (status, thrown) -> end(status, thrown), version);
        return true;
    }

    /** The settings that Quarkus and its extensions act on by themselves. */
    private static Map<String, String> forQuarkus(OperatorSettings settings) {
        Map<String, String> properties = new HashMap<>();
        properties.put("quarkus.http.port", Integer.toString(settings.adminPort()));
        properties.put(
                "quarkus.operator-sdk.namespaces",
                settings.namespaces().isEmpty() ? "JOSDK_ALL_NAMESPACES" : String.join(",", settings.namespaces()));
        properties.put(
                "quarkus.log.console.json.enabled",
                Boolean.toString(settings.logFormat() == OperatorSettings.LogFormat.JSON));
        switch (settings.logLevel()) {
            case DEBUG -> properties.put("quarkus.log.category.\"link.ambassador\".level", "DEBUG");
            case WARN -> properties.put("quarkus.log.level", "WARN");
            case INFO -> {}
        }
        return properties;
    }

    private static void endAfter(Thread main) {
        try {
            main.join(STOP_LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        LOG.warnf("did not stop within %d s", STOP_LIMIT.toSeconds());
        halt(1);
    }

    private static void end(int status, Throwable thrown) {
        if (thrown != null) {
            LOG.error("cannot start the operator", thrown);
        }
        halt(status);
    }

    static void halt(int status) {
        OperatorLog.awaitWritten();
        Runtime.getRuntime().halt(status);
    }
}
