package link.ambassador.relay.proxy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import link.ambassador.config.Candidate;
import link.ambassador.config.Link;
import link.ambassador.config.Target;
import link.ambassador.config.UpstreamProxyProtocol;
import link.ambassador.config.UpstreamTls;

/**
 * What a preflight dials, and how.
 *
 * @param candidate whether the link keeps its targets also when this one answers
 */
record PreflightProbe(
        Target target,
        boolean candidate,
        Optional<UpstreamTls> tls,
        Optional<UpstreamProxyProtocol> header,
        Duration timeout) {
    /** What has to be dialled for a link that is to be {@code next}; empty if nothing has. */
    static Optional<PreflightProbe> of(Link served, Link next) {
        return next.preflight().flatMap(asked -> {
            if (asked.candidate().isPresent()) {
                Candidate candidate = asked.candidate().get();
                return Optional.of(new PreflightProbe(
                        candidate.targets().get(0),
                        true,
                        candidate.upstreamTls(),
                        candidate.upstreamProxyProtocol(),
                        asked.timeout()));
            }
            Target first = next.targets().get(0);
            boolean isSame =
                    first.equals(served.targets().get(0)) && next.upstreamTls().equals(served.upstreamTls());
            return isSame
                    ? Optional.empty()
                    : Optional.of(new PreflightProbe(
                            first, false, next.upstreamTls(), next.upstreamProxyProtocol(), asked.timeout()));
        });
    }

    /** As much of {@code next} as does not depend on an answer. */
    static Link withFormerTargets(Link served, boolean holding, Link next) {
        return next.toBuilder()
                .targets(served.targets())
                .upstreamTls(served.upstreamTls())
                .upstreamProxyProtocol(served.upstreamProxyProtocol())
                // They may have weights, one for each target.
                .healthCheck(served.healthCheck())
                .failover(served.failover())
                .hold(holding && next.hold().isEmpty() ? served.hold() : next.hold())
                .build();
    }

    /** A link that leads to the target of the probe alone. */
    Link dialled(Link next) {
        return next.toBuilder()
                .targets(List.of(target))
                .upstreamTls(tls)
                .upstreamProxyProtocol(header)
                .downstreamTls(Optional.empty())
                .healthCheck(Optional.empty())
                .failover(Optional.empty())
                .build();
    }
}
