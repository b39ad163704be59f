package link.ambassador.config;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One listen port and the targets that its connections go to. Its identity is the listen port.
 *
 * @param alias the name that consumers use; links may share one
 * @param listen the port it listens on, 1 to 65535
 * @param targets in order of preference, 1 to {@value #MAX_TARGETS}
 * @param connectTimeout how long one target may take to be resolved and connected
 * @param idleTimeout how long a connection may be without a byte in either direction before it is closed; empty:
 *     forever
 * @param halfCloseTimeout the same for a connection with one direction ended
 * @param maxConnections how many connections there may be at once, at least 1; empty: no limit
 * @param existingConnections what happens to connections that a change of the table affects
 * @param drainTimeout how long {@link ExistingConnections#DRAIN} waits until connections are idle
 * @param hold makes new connections wait; empty: they are dialled at once
 * @param whenUnavailable what happens to a new connection when every target has failed
 * @param upstreamTls empty: bytes go to the targets as they are
 * @param downstreamTls empty: bytes come from the downstreams as they are
 * @param preflight empty: connections go to another target without a try
 * @param upstreamProxyProtocol empty: the targets see the relay's own address
 * @param downstreamProxyProtocol empty: the downstreams are the consumers
 * @param healthCheck empty: the relay probes nothing, and tries a target that failed 10 s later
 * @param failover present exactly with a health check; its defaults if it is not given
 */
public record Link(
        String alias,
        int listen,
        List<Target> targets,
        Duration connectTimeout,
        Optional<Duration> idleTimeout,
        Duration halfCloseTimeout,
        OptionalInt maxConnections,
        ExistingConnections existingConnections,
        Duration drainTimeout,
        Optional<Hold> hold,
        WhenUnavailable whenUnavailable,
        Optional<UpstreamTls> upstreamTls,
        Optional<DownstreamTls> downstreamTls,
        Optional<Preflight> preflight,
        Optional<UpstreamProxyProtocol> upstreamProxyProtocol,
        Optional<DownstreamProxyProtocol> downstreamProxyProtocol,
        Optional<HealthCheck> healthCheck,
        Optional<Failover> failover) {
    public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(5);
    public static final Optional<Duration> DEFAULT_IDLE_TIMEOUT = Optional.empty();
    public static final Duration DEFAULT_HALF_CLOSE_TIMEOUT = Duration.ofHours(1);
    public static final OptionalInt DEFAULT_MAX_CONNECTIONS = OptionalInt.empty();
    public static final ExistingConnections DEFAULT_EXISTING_CONNECTIONS = ExistingConnections.DRAIN;
    public static final Duration DEFAULT_DRAIN_TIMEOUT = Duration.ofSeconds(30);
    public static final int MAX_TARGETS = 16;

    /** What an alias may be, as the end of a sentence. */
    static final String ALIAS_WANTED =
            "1 to 63 lower-case letters, digits, '-' and '.', with a letter or digit at both ends";

    /** What {@link #withoutName} means, behind the host of that target. */
    static final String NAME_WANTED = " has no name to check: give hostname or subjectAltNames";

    static final String ALIAS_PATTERN = "^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$";
    private static final Pattern ALIAS = Pattern.compile(ALIAS_PATTERN);

    /** @throws IllegalArgumentException with a sentence that says what would be right */
    public Link {
        if (!validAlias(alias)) {
            throw new IllegalArgumentException(
                    "An alias is '" + Printable.text(alias) + "': it must be " + ALIAS_WANTED);
        }
        Ports.require(listen, "The listen port of link '" + alias + "'");
        targets = List.copyOf(targets);
        if (targets.isEmpty() || targets.size() > MAX_TARGETS) {
            throw new IllegalArgumentException("Link '" + alias + "' on port " + listen + " has " + targets.size()
                    + " targets: it must have 1 to " + MAX_TARGETS);
        }
        DurationSyntax.require(connectTimeout, "connectTimeout");
        idleTimeout.ifPresent(timeout -> DurationSyntax.require(timeout, "idleTimeout"));
        DurationSyntax.require(halfCloseTimeout, "halfCloseTimeout");
        if (maxConnections.isPresent() && maxConnections.getAsInt() < 1) {
            throw new IllegalArgumentException(
                    "maxConnections is " + maxConnections.getAsInt() + ": it must be at least 1, or left out");
        }
        DurationSyntax.require(drainTimeout, "drainTimeout");
        if (upstreamTls.isPresent()) {
            Optional<Target> nameless = withoutName(targets, upstreamTls.get());
            if (nameless.isPresent()) {
                throw new IllegalArgumentException("Link '" + alias + "' on port " + listen + ": "
                        + nameless.get().host() + NAME_WANTED);
            }
        }
        if (healthCheck.isPresent() && failover.isEmpty()) {
            failover = Optional.of(Failover.of(healthCheck.get().check()));
        }
        if (failover.isPresent()) {
            requireMatching(alias, listen, failover.get(), healthCheck, targets.size());
        }
    }

    private static void requireMatching(
            String alias, int listen, Failover failover, Optional<HealthCheck> healthCheck, int targets) {
        if (healthCheck.isEmpty()) {
            throw new IllegalArgumentException(
                    "Link '" + alias + "' on port " + listen + " has failover and no healthCheck: it must have both");
        }
        int weights = failover.weights().size();
        if (weights != 0 && weights != targets) {
            throw new IllegalArgumentException("Link '" + alias + "' on port " + listen + " has " + weights
                    + " weights for " + targets + " targets: it must have one for each");
        }
    }

    /** A target whose certificate cannot be verified, because nothing says whose it should be; empty: there is none. */
    static Optional<Target> withoutName(List<Target> targets, UpstreamTls tls) {
        return tls.namesThePeer()
                ? Optional.empty()
                : targets.stream()
                        .filter(target -> HostSyntax.isIPv4(target.host()) || HostSyntax.isIPv6(target.host()))
                        .findFirst();
    }

    /** A link with the defaults for all that is not given. */
    public static Link of(String alias, int listen, List<Target> targets) {
        return builder(alias, listen, targets).build();
    }

    /** Makes a link with more than {@link #of} has. */
    public static LinkBuilder builder(String alias, int listen, List<Target> targets) {
        return new LinkBuilder(alias, listen, targets);
    }

    /** Makes a link that differs from this one. */
    public LinkBuilder toBuilder() {
        return new LinkBuilder(this);
    }

    // Written by hand, as in Target: the JVM links a record's generated methods at their first call, which took most of
    // the time of a relay's first retarget.
    @Override
    public boolean equals(Object other) {
        return other instanceof Link link
                && listen == link.listen
                && alias.equals(link.alias)
                && targets.equals(link.targets)
                && connectTimeout.equals(link.connectTimeout)
                && idleTimeout.equals(link.idleTimeout)
                && halfCloseTimeout.equals(link.halfCloseTimeout)
                && maxConnections.equals(link.maxConnections)
                && existingConnections == link.existingConnections
                && drainTimeout.equals(link.drainTimeout)
                && hold.equals(link.hold)
                && whenUnavailable.equals(link.whenUnavailable)
                && upstreamTls.equals(link.upstreamTls)
                && downstreamTls.equals(link.downstreamTls)
                && preflight.equals(link.preflight)
                && upstreamProxyProtocol.equals(link.upstreamProxyProtocol)
                && downstreamProxyProtocol.equals(link.downstreamProxyProtocol)
                && healthCheck.equals(link.healthCheck)
                && failover.equals(link.failover);
    }

    @Override
    public int hashCode() {
        return 31 * listen + targets.hashCode();
    }

    /** The features that a relay needs to serve this link. */
    public Set<Feature> features() {
        Set<Feature> features = EnumSet.noneOf(Feature.class);
        if (hold.isPresent() || whenUnavailable.holdTimeout().isPresent()) {
            features.add(Feature.HOLD);
        }
        if (hasTls()) {
            features.add(Feature.TLS);
        }
        if (preflight.isPresent()) {
            features.add(Feature.PREFLIGHT);
        }
        if (upstreamProxyProtocol.isPresent()
                || (candidate().isPresent()
                        && candidate().get().upstreamProxyProtocol().isPresent())) {
            features.add(Feature.PROXY_OUT);
        }
        if (downstreamProxyProtocol.isPresent()) {
            features.add(Feature.PROXY_IN);
        }
        if (healthCheck.isPresent()) {
            features.add(Feature.HEALTH);
        }
        return features;
    }

    /** Whether it has TLS on either side, or may have it later. */
    public boolean hasTls() {
        return upstreamTls.isPresent()
                || downstreamTls.isPresent()
                || tlsOfCandidate().isPresent();
    }

    private Optional<UpstreamTls> tlsOfCandidate() {
        return candidate().isPresent() ? candidate().get().upstreamTls() : Optional.empty();
    }

    /** What it may lead to later; empty without one. */
    public Optional<Candidate> candidate() {
        return preflight.isPresent() ? preflight.get().candidate() : Optional.empty();
    }

    /** What its relay's pod must have: the names of certificates, and other secrets as {@link Credential} writes them. */
    public Set<String> credentials() {
        Set<String> credentials = new TreeSet<>(certificates());
        healthCheck.flatMap(HealthCheck::credential).map(Credential::toString).ifPresent(credentials::add);
        return credentials;
    }

    /** The names of the certificates that its relay shows. */
    public Set<String> certificates() {
        return Stream.of(
                        upstreamTls.flatMap(UpstreamTls::clientCertificate),
                        tlsOfCandidate().flatMap(UpstreamTls::clientCertificate),
                        downstreamTls.map(DownstreamTls::certificate))
                .flatMap(Optional::stream)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The bundles that it trusts. */
    public Stream<Trust.Bundle> bundles() {
        return Stream.of(
                        upstreamTls.map(UpstreamTls::trust),
                        tlsOfCandidate().map(UpstreamTls::trust),
                        downstreamTls.flatMap(DownstreamTls::clientTrust))
                .flatMap(Optional::stream)
                .flatMap(trust -> trust instanceof Trust.Bundles named ? named.bundles().stream() : Stream.empty());
    }

    static boolean validAlias(String alias) {
        return ALIAS.matcher(alias).matches();
    }
}
