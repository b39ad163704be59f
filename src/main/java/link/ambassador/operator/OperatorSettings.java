package link.ambassador.operator;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import link.ambassador.config.BadSettingException;
import link.ambassador.config.Environment;
import link.ambassador.config.HostSyntax;

/**
 * The settings of an operator, from environment variables.
 *
 * @param namespaces the namespaces whose Ambassadors are reconciled; empty for every namespace
 * @param relayImage the image that gateways and sidecars run
 * @param clusterDomain the end of the DNS names of Services, without a leading dot
 * @param leaderElection whether a Lease decides which of several replicas reconciles
 */
public record OperatorSettings(
        Set<String> namespaces,
        String relayImage,
        String clusterDomain,
        int adminPort,
        LogFormat logFormat,
        LogLevel logLevel,
        boolean leaderElection) {

    /** The format of log lines. */
    public enum LogFormat {
        TEXT,
        JSON
    }

    /** The lowest level that is logged. Debug is for the operator, not for its libraries. */
    public enum LogLevel {
        DEBUG,
        INFO,
        WARN
    }

    static final String NAMESPACES = "AMBASSADOR_NAMESPACES";
    static final String RELAY_IMAGE = "AMBASSADOR_RELAY_IMAGE";
    static final String CLUSTER_DOMAIN = "AMBASSADOR_CLUSTER_DOMAIN";
    static final String ADMIN_PORT = "AMBASSADOR_ADMIN_PORT";
    static final String LOG_FORMAT = "AMBASSADOR_LOG_FORMAT";
    static final String LOG_LEVEL = "AMBASSADOR_LOG_LEVEL";
    static final String LEADER_ELECTION = "AMBASSADOR_LEADER_ELECTION";

    /** Every variable that {@link #read} reads. */
    static final List<String> VARIABLES =
            List.of(NAMESPACES, RELAY_IMAGE, CLUSTER_DOMAIN, ADMIN_PORT, LOG_FORMAT, LOG_LEVEL, LEADER_ELECTION);

    /** RFC 1123, which the API server enforces for names of namespaces. */
    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    private static final Pattern IMAGE = Pattern.compile("[!-~]{1,1024}");

    /** @throws BadSettingException with a sentence about the first variable that is invalid */
    static OperatorSettings read(Map<String, String> variables) {
        Environment environment = new Environment(variables);
        return new OperatorSettings(
                namespaces(environment),
                relayImage(environment),
                clusterDomain(environment),
                environment.port(ADMIN_PORT, 15990),
                environment.word(LOG_FORMAT, LogFormat.TEXT, LogFormat.class),
                environment.word(LOG_LEVEL, LogLevel.INFO, LogLevel.class),
                environment.flag(LEADER_ELECTION, true));
    }

    private static Set<String> namespaces(Environment environment) {
        Set<String> namespaces = environment.list(NAMESPACES);
        for (String namespace : namespaces) {
            if (!NAMESPACE.matcher(namespace).matches()) {
                throw new BadSettingException(
                        NAMESPACES,
                        namespace,
                        "names of namespaces, separated by commas, or empty for every namespace");
            }
        }
        return Set.copyOf(namespaces);
    }

    private static String relayImage(Environment environment) {
        String image = environment.text(RELAY_IMAGE);
        if (image.isEmpty()) {
            throw new BadSettingException(
                    RELAY_IMAGE + " is not set: it must be the image that gateways run, which is the image of"
                            + " this operator; kubernetes/install sets it");
        }
        if (!IMAGE.matcher(image).matches()) {
            throw new BadSettingException(RELAY_IMAGE, image, "an image, such as registry.example.com/ambassador:1.0");
        }
        return image;
    }

    private static String clusterDomain(Environment environment) {
        String domain = environment.text(CLUSTER_DOMAIN);
        if (domain.isEmpty()) {
            return "cluster.local";
        }
        if (!HostSyntax.isName(domain) || domain.endsWith(".")) {
            throw new BadSettingException(
                    CLUSTER_DOMAIN, domain, "a DNS name without a trailing dot, such as cluster.local");
        }
        return domain;
    }
}
