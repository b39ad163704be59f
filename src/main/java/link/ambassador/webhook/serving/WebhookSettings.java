package link.ambassador.webhook.serving;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import link.ambassador.link.BadSetting;
import link.ambassador.link.Environment;
import link.ambassador.webhook.InjectionSettings;

/**
 * What the environment says to the webhook.
 *
 * @param port where the API server calls
 * @param namespaces those whose pods get relays; empty means every namespace of the cluster
 */
public record WebhookSettings(int port, Set<String> namespaces, InjectionSettings injection) {
    static final String PORT = "AMBASSADOR_WEBHOOK_PORT";

    /** The operator's, which checks them. */
    private static final String NAMESPACES = "AMBASSADOR_NAMESPACES";

    private static final String RELAY_IMAGE = "AMBASSADOR_RELAY_IMAGE";

    /** Every variable that {@link #read} looks at. */
    static final List<String> VARIABLES = List.of(PORT, NAMESPACES, RELAY_IMAGE);

    /**
     * The settings that {@code variables} give.
     *
     * @throws BadSetting with the sentence for the first variable that makes no sense
     */
    public static WebhookSettings read(Map<String, String> variables) {
        Environment environment = new Environment(variables);
        return new WebhookSettings(
                environment.port(PORT, 8443),
                environment.list(NAMESPACES),
                new InjectionSettings(environment.text(RELAY_IMAGE), Optional.empty()));
    }

    /** Whether pods of this namespace may get relays. */
    boolean isFor(String namespace) {
        return namespaces.isEmpty() || namespaces.contains(namespace);
    }
}
