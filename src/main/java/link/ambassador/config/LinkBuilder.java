package link.ambassador.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Makes a {@link Link} field by field. What is not set has its default. */
public final class LinkBuilder {
    String alias;
    int listen;
    List<Target> targets;
    private Duration connectTimeout = Link.DEFAULT_CONNECT_TIMEOUT;
    private Optional<Duration> idleTimeout = Link.DEFAULT_IDLE_TIMEOUT;
    private Duration halfCloseTimeout = Link.DEFAULT_HALF_CLOSE_TIMEOUT;
    private OptionalInt maxConnections = Link.DEFAULT_MAX_CONNECTIONS;
    private ExistingConnections existingConnections = Link.DEFAULT_EXISTING_CONNECTIONS;
    private Duration drainTimeout = Link.DEFAULT_DRAIN_TIMEOUT;
    private Optional<Hold> hold = Optional.empty();
    private WhenUnavailable whenUnavailable = WhenUnavailable.REFUSE;
    Optional<UpstreamTls> upstreamTls = Optional.empty();
    private Optional<DownstreamTls> downstreamTls = Optional.empty();
    private Optional<Preflight> preflight = Optional.empty();
    private Optional<UpstreamProxyProtocol> upstreamProxyProtocol = Optional.empty();
    private Optional<DownstreamProxyProtocol> downstreamProxyProtocol = Optional.empty();
    Optional<HealthCheck> healthCheck = Optional.empty();
    private Optional<Failover> failover = Optional.empty();

    /** With alias, listen and targets still to be set. */
    LinkBuilder() {}

    LinkBuilder(String alias, int listen, List<Target> targets) {
        this.alias = alias;
        this.listen = listen;
        this.targets = targets;
    }

    LinkBuilder(Link link) {
        this(link.alias(), link.listen(), link.targets());
        connectTimeout = link.connectTimeout();
        idleTimeout = link.idleTimeout();
        halfCloseTimeout = link.halfCloseTimeout();
        maxConnections = link.maxConnections();
        existingConnections = link.existingConnections();
        drainTimeout = link.drainTimeout();
        hold = link.hold();
        whenUnavailable = link.whenUnavailable();
        upstreamTls = link.upstreamTls();
        downstreamTls = link.downstreamTls();
        preflight = link.preflight();
        upstreamProxyProtocol = link.upstreamProxyProtocol();
        downstreamProxyProtocol = link.downstreamProxyProtocol();
        healthCheck = link.healthCheck();
        failover = link.failover();
    }

    public LinkBuilder alias(String value) {
        alias = value;
        return this;
    }

    public LinkBuilder targets(List<Target> value) {
        targets = value;
        return this;
    }

    public LinkBuilder connectTimeout(Duration value) {
        connectTimeout = value;
        return this;
    }

    public LinkBuilder idleTimeout(Optional<Duration> value) {
        idleTimeout = value;
        return this;
    }

    public LinkBuilder halfCloseTimeout(Duration value) {
        halfCloseTimeout = value;
        return this;
    }

    public LinkBuilder maxConnections(OptionalInt value) {
        maxConnections = value;
        return this;
    }

    public LinkBuilder existingConnections(ExistingConnections value) {
        existingConnections = value;
        return this;
    }

    public LinkBuilder drainTimeout(Duration value) {
        drainTimeout = value;
        return this;
    }

    public LinkBuilder hold(Optional<Hold> value) {
        hold = value;
        return this;
    }

    public LinkBuilder whenUnavailable(WhenUnavailable value) {
        whenUnavailable = value;
        return this;
    }

    public LinkBuilder upstreamTls(Optional<UpstreamTls> value) {
        upstreamTls = value;
        return this;
    }

    public LinkBuilder downstreamTls(Optional<DownstreamTls> value) {
        downstreamTls = value;
        return this;
    }

    public LinkBuilder preflight(Optional<Preflight> value) {
        preflight = value;
        return this;
    }

    public LinkBuilder upstreamProxyProtocol(Optional<UpstreamProxyProtocol> value) {
        upstreamProxyProtocol = value;
        return this;
    }

    public LinkBuilder downstreamProxyProtocol(Optional<DownstreamProxyProtocol> value) {
        downstreamProxyProtocol = value;
        return this;
    }

    public LinkBuilder healthCheck(Optional<HealthCheck> value) {
        healthCheck = value;
        return this;
    }

    public LinkBuilder failover(Optional<Failover> value) {
        failover = value;
        return this;
    }

    /**
     * Makes the link.
     *
     * @throws IllegalArgumentException as the constructor of {@link Link} does
     */
    public Link build() {
        return new Link(
                alias,
                listen,
                targets,
                connectTimeout,
                idleTimeout,
                halfCloseTimeout,
                maxConnections,
                existingConnections,
                drainTimeout,
                hold,
                whenUnavailable,
                upstreamTls,
                downstreamTls,
                preflight,
                upstreamProxyProtocol,
                downstreamProxyProtocol,
                healthCheck,
                failover);
    }
}
