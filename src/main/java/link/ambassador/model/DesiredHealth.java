package link.ambassador.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import link.ambassador.api.v1alpha1.CredentialRef;
import link.ambassador.api.v1alpha1.ExchangeCheckSpec;
import link.ambassador.api.v1alpha1.ExchangeStepSpec;
import link.ambassador.api.v1alpha1.FailoverSpec;
import link.ambassador.api.v1alpha1.HealthCheckSpec;
import link.ambassador.api.v1alpha1.HttpCheckSpec;
import link.ambassador.api.v1alpha1.LinkSpec;
import link.ambassador.api.v1alpha1.TargetSpec;
import link.ambassador.config.Credential;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.Failover;
import link.ambassador.config.HealthCheck;
import link.ambassador.config.Printable;

/**
 * The health check of one link, as its spec asks for, and what follows from its results.
 *
 * @param failover empty without a health check, or when the spec leaves it to the defaults
 */
record DesiredHealth(Optional<HealthCheck> check, Optional<Failover> failover) {
    private static final HealthCheck DEFAULTS = HealthCheck.of(new HealthCheck.Tcp());
    private static final FailoverSpec NO_FAILOVER = new FailoverSpec(null, null, null, null);

    /**
     * Reads one link.
     *
     * @param place of the link
     * @throws SpecRefusal when this version cannot serve it as it is asked for: without its check, a replica might get writes
     */
    static DesiredHealth of(String place, LinkSpec link) throws SpecRefusal {
        List<TargetSpec> targets = Optional.ofNullable(link.targets()).orElse(List.of());
        boolean weighted = targets.stream().map(TargetSpec::weight).anyMatch(Objects::nonNull);
        if (link.healthCheck() == null) {
            if (link.failover() != null || weighted) {
                throw new SpecRefusal(place + ".healthCheck", "missing", "given with failover and with weights");
            }
            return new DesiredHealth(Optional.empty(), Optional.empty());
        }
        try {
            HealthCheck check = check(place + ".healthCheck", link.healthCheck());
            return new DesiredHealth(
                    Optional.of(check),
                    link.failover() == null && !weighted
                            ? Optional.empty()
                            : Optional.of(failover(place, link, check.check())));
        } catch (IllegalArgumentException e) {
            throw new SpecRefusal(place, e);
        }
    }

    private static HealthCheck check(String place, HealthCheckSpec spec) throws SpecRefusal {
        return new HealthCheck(
                what(place, spec),
                spec.port() == null ? OptionalInt.empty() : OptionalInt.of(spec.port()),
                SpecFields.word(place + ".probe", spec.probe(), DEFAULTS.probing(), HealthCheck.Probing.class),
                SpecFields.duration(place + ".interval", spec.interval(), DEFAULTS.interval()),
                SpecFields.duration(place + ".timeout", spec.timeout(), DEFAULTS.timeout()),
                Optional.ofNullable(spec.unhealthyThreshold()).orElse(DEFAULTS.unhealthyThreshold()),
                Optional.ofNullable(spec.healthyThreshold()).orElse(DEFAULTS.healthyThreshold()));
    }

    private static HealthCheck.Check what(String place, HealthCheckSpec spec) throws SpecRefusal {
        String type = SpecFields.required(place + ".type", spec.type());
        return switch (type) {
            case "TCP" -> new HealthCheck.Tcp();
            case "HTTP" -> http(place + ".http", SpecFields.required(place + ".http", spec.http()));
            case "Exchange" -> exchange(place + ".exchange", SpecFields.required(place + ".exchange", spec.exchange()));
            default ->
                throw new SpecRefusal(
                        place + ".type",
                        Printable.text(type),
                        "TCP, HTTP or Exchange, which is what this version of the operator knows");
        };
    }

    private static HealthCheck.Http http(String place, HttpCheckSpec spec) throws SpecRefusal {
        return new HealthCheck.Http(
                SpecFields.required(place + ".path", spec.path()),
                Optional.ofNullable(spec.expectedStatuses()).orElse(HealthCheck.Http.DEFAULT_EXPECTED_STATUSES));
    }

    private static HealthCheck.Exchange exchange(String place, ExchangeCheckSpec spec) throws SpecRefusal {
        List<HealthCheck.Step> steps = new ArrayList<>();
        for (ExchangeStepSpec step : SpecFields.required(place + ".steps", spec.steps())) {
            steps.add(new HealthCheck.Step(
                    Optional.ofNullable(step.send()).orElse(""),
                    SpecFields.required(place + ".steps[" + steps.size() + "].expect", step.expect())));
        }
        return new HealthCheck.Exchange(steps, credential(place + ".credentialRef", spec.credentialRef()));
    }

    private static Optional<Credential> credential(String place, CredentialRef ref) throws SpecRefusal {
        if (ref == null) {
            return Optional.empty();
        }
        Credential credential = new Credential(
                SpecFields.required(place + ".name", ref.name()), SpecFields.required(place + ".key", ref.key()));
        if (!Credentials.isValid(credential.toString())) {
            throw new SpecRefusal(
                    place,
                    "'" + Printable.text(credential.toString()) + "'",
                    "a Secret with a name of at most 48 lower-case letters, digits and '-', and a key with \"pass\" in it");
        }
        return Optional.of(credential);
    }

    private static Failover failover(String place, LinkSpec link, HealthCheck.Check check) throws SpecRefusal {
        FailoverSpec spec = link.failover() == null ? NO_FAILOVER : link.failover();
        String at = place + ".failover";
        Failover.Selection selection = SpecFields.word(
                at + ".selection", spec.selection(), Failover.DEFAULT_SELECTION, Failover.Selection.class);
        return new Failover(
                selection,
                weights(place, link.targets(), selection),
                SpecFields.parsed(
                        at + ".failback",
                        spec.failback(),
                        Failover.DEFAULT_FAILBACK,
                        Failover.Failback::parse,
                        "Immediate, Never or a duration"),
                SpecFields.word(
                        at + ".existingConnections",
                        spec.existingConnections(),
                        Failover.DEFAULT_EXISTING_CONNECTIONS,
                        ExistingConnections.class),
                SpecFields.word(
                        at + ".whenNoneHealthy",
                        spec.whenNoneHealthy(),
                        Failover.WhenNoneHealthy.defaultFor(check),
                        Failover.WhenNoneHealthy.class));
    }

    private static List<Integer> weights(String place, List<TargetSpec> targets, Failover.Selection selection)
            throws SpecRefusal {
        if (selection == Failover.Selection.WEIGHTED) {
            return targets.stream()
                    .map(target -> Optional.ofNullable(target.weight()).orElse(Failover.DEFAULT_WEIGHT))
                    .toList();
        }
        for (int i = 0; i < targets.size(); i++) {
            if (targets.get(i).weight() != null) {
                throw new SpecRefusal(
                        place + ".targets[" + i + "].weight",
                        "" + targets.get(i).weight(),
                        "omitted, or given with the selection Weighted");
            }
        }
        return List.of();
    }
}
