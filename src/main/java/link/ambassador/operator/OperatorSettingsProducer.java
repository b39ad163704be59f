package link.ambassador.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.Map;
import link.ambassador.operator.sidecar.AmbassadorCache;
import link.ambassador.operator.sidecar.ServiceCache;
import org.eclipse.microprofile.config.Config;

/** Gives the settings to who injects them: of the process's environment, or of a test's configuration by the same names. */
@Singleton
class OperatorSettingsProducer {
    @Produces
    @Singleton
    OperatorSettings settings(Config config) {
        // With what the kubelet says beside a setting, which tells whether it is one.
        Map<String, String> variables = new HashMap<>(System.getenv());
        for (String variable : OperatorSettings.VARIABLES) {
            config.getOptionalValue(variable, String.class).ifPresent(value -> variables.put(variable, value));
        }
        return OperatorSettings.read(variables);
    }

    @Produces
    @Singleton
    AmbassadorCache ambassadors(KubernetesClient kubernetes, OperatorSettings settings) {
        return new AmbassadorCache(kubernetes, settings.namespaces());
    }

    @Produces
    @Singleton
    ServiceCache services(KubernetesClient kubernetes, OperatorSettings settings) {
        return new ServiceCache(kubernetes, settings.namespaces());
    }
}
