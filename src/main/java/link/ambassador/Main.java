package link.ambassador;

import io.quarkus.runtime.annotations.QuarkusMain;
import java.util.Map;
import java.util.Optional;
import link.ambassador.config.Version;
import link.ambassador.operator.OperatorProcess;
import link.ambassador.relay.RelayProcess;
import link.ambassador.webhook.serving.WebhookSettings;

/** The entry: reads the role, starts that half, nothing else. Only the operator boots Quarkus. */
@QuarkusMain
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        if (!started(arguments, System.getenv())) {
            System.exit(1);
        }
    }

    private static boolean started(String[] arguments, Map<String, String> environment) {
        Optional<Role> role;
        try {
            role = Role.asked(arguments, environment);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            return false;
        }
        if (role.isEmpty() && RelayProcess.isConfiguredBy(environment)) {
            role = Optional.of(Role.RELAY);
        }
        if (role.isEmpty()) {
            System.err.println("no role: give 'relay' or 'operator' as the first argument or in " + Role.VARIABLE
                    + ", or a link such as REDIS_PORT_6379_TCP=tcp://192.168.1.52:6379");
            return false;
        }
        return switch (role.get()) {
            case RELAY -> RelayProcess.start(environment, Version.read(), System.err);
            case OPERATOR -> OperatorProcess.start(environment, Version.read(), System.err, WebhookSettings::check);
        };
    }
}
