package link.ambassador.operator;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import link.ambassador.config.BadSettingException;
import link.ambassador.config.Environment;
import link.ambassador.config.HostSyntax;
import link.ambassador.config.RelayImage;

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
        RelayImage relayImage,
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
    static final String CLUSTER_DOMAIN = "AMBASSADOR_CLUSTER_DOMAIN";
    static final String ADMIN_PORT = "AMBASSADOR_ADMIN_PORT";
    static final String LOG_FORMAT = "AMBASSADOR_LOG_FORMAT";
    static final String LOG_LEVEL = "AMBASSADOR_LOG_LEVEL";
    static final String LEADER_ELECTION = "AMBASSADOR_LEADER_ELECTION";

    /** Every variable that {@link #read} reads. */
    static final List<String> VARIABLES = Stream.concat(
                    RelayImage.VARIABLES.stream(),
                    Stream.of(NAMESPACES, CLUSTER_DOMAIN, ADMIN_PORT, LOG_FORMAT, LOG_LEVEL, LEADER_ELECTION))
            .toList();

    /** RFC 1123, which the API server enforces for names of namespaces. */
    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    /** @throws BadSettingException with a sentence about the first variable that is invalid */
    static OperatorSettings read(Map<String, String> variables) {
        Environment environment = new Environment(variables);
        return new OperatorSettings(
                namespaces(environment),
                RelayImage.read(environment),
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
