package link.ambassador.config;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The image that gateways and sidecars run, and how their nodes pull it.
 *
 * @param name the image, with its tag or digest
 * @param pullPolicy {@code imagePullPolicy}; empty for Kubernetes' default
 * @param pullSecrets the names of Secrets in the namespaces of the relays' pods; at most {@value #MOST_PULL_SECRETS}
 * @see <a href="https://kubernetes.io/docs/concepts/containers/images/">Images</a>
 */
public record RelayImage(String name, Optional<String> pullPolicy, List<String> pullSecrets) {
    public static final String IMAGE = "AMBASSADOR_RELAY_IMAGE";
    public static final String PULL_POLICY = "AMBASSADOR_RELAY_PULL_POLICY";
    public static final String PULL_SECRETS = "AMBASSADOR_RELAY_PULL_SECRETS";

    /** Every variable that {@link #read} reads. */
    public static final List<String> VARIABLES = List.of(IMAGE, PULL_POLICY, PULL_SECRETS);

    static final int MOST_PULL_SECRETS = 8;

    private static final List<String> PULL_POLICIES = List.of("Always", "IfNotPresent", "Never");

    private static final Pattern SYNTAX = Pattern.compile("[!-~]{1,1024}");

    /** RFC 1123, which the API server enforces for names of Secrets. */
    private static final Pattern SECRET =
            Pattern.compile("(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");

    /** {@code name}, pulled as Kubernetes does by default. */
    public static RelayImage named(String name) {
        return new RelayImage(name, Optional.empty(), List.of());
    }

    /**
     * The image that {@code environment} gives.
     *
     * @throws BadSettingException with a sentence about the first variable that is invalid
     */
    public static RelayImage read(Environment environment) {
        return new RelayImage(image(environment), pullPolicy(environment), pullSecrets(environment));
    }

    private static String image(Environment environment) {
        String image = environment.text(IMAGE);
        if (image.isEmpty()) {
            throw new BadSettingException(
                    IMAGE + " is not set: it must be the image that gateways run, which is the image of"
                            + " this operator; kubernetes/install sets it");
        }
        if (!SYNTAX.matcher(image).matches()) {
            throw new BadSettingException(IMAGE, image, "an image, such as registry.example.com/ambassador:1.0");
        }
        return image;
    }

    private static Optional<String> pullPolicy(Environment environment) {
        String policy = environment.text(PULL_POLICY);
        if (policy.isEmpty()) {
            return Optional.empty();
        }
        if (!PULL_POLICIES.contains(policy)) {
            throw new BadSettingException(
                    PULL_POLICY, policy, String.join(", ", PULL_POLICIES) + ", or empty for Kubernetes' default");
        }
        return Optional.of(policy);
    }

    private static List<String> pullSecrets(Environment environment) {
        Set<String> names = environment.list(PULL_SECRETS);
        if (names.size() > MOST_PULL_SECRETS
                || !names.stream().allMatch(name -> SECRET.matcher(name).matches())) {
            throw new BadSettingException(
                    PULL_SECRETS,
                    environment.text(PULL_SECRETS),
                    "names of Secrets, separated by commas, at most " + MOST_PULL_SECRETS);
        }
        return List.copyOf(names);
    }
}
