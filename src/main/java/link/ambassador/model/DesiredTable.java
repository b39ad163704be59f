package link.ambassador.model;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.AmbassadorSpec;
import link.ambassador.api.v1alpha1.LinkSpec;
import link.ambassador.api.v1alpha1.PreflightSpec;
import link.ambassador.api.v1alpha1.RetargetSpec;
import link.ambassador.api.v1alpha1.TargetSpec;
import link.ambassador.api.v1alpha1.WhenUnavailableSpec;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.LinkTableWriter;
import link.ambassador.config.Preflight;
import link.ambassador.config.Printable;
import link.ambassador.config.RelayEnvironment;
import link.ambassador.config.Sha256;
import link.ambassador.config.Source;
import link.ambassador.config.StagedLinks;
import link.ambassador.config.Target;
import link.ambassador.config.WhenUnavailable;

/** The link table that an Ambassador asks for. */
public final class DesiredTable {
    private static final int REVISION_BYTES = 4;
    private static final String PREFLIGHT = "spec.retarget.preflight";
    private static final Pattern PERCENT = Pattern.compile("(100|[1-9][0-9]?)%");
    private static final RetargetSpec NO_RETARGET = new RetargetSpec(null, null, null, null);

    private DesiredTable() {}

    /**
     * The table of {@code ambassador}, with its links in the order of the spec. Defaults replace missing fields here too, because a
     * resource may not come from an API server that sets them.
     *
     * @param bundles the ConfigMaps that links name
     */
    public static TableOutcome of(Ambassador ambassador, CaBundles bundles) {
        try {
            List<Link> plain = links(ambassador);
            List<Link> links = new ArrayList<>();
            List<UnresolvedLink> unresolved = new ArrayList<>();
            Set<String> credentials = new TreeSet<>();
            for (int i = 0; i < plain.size(); i++) {
                LinkSpec spec = ambassador.getSpec().links().get(i);
                DesiredTls tls = DesiredTls.of(
                        "spec.links[" + i + "]", spec, ambassador.getMetadata().getNamespace(), bundles);
                Link link = plain.get(i);
                credentials.addAll(DesiredTls.credentials(spec));
                credentials.addAll(link.credentials());
                tls.unresolved(link.alias(), link.listen(), spec)
                        .ifPresentOrElse(
                                unresolved::add,
                                () -> links.add(link.toBuilder()
                                        .upstreamTls(tls.upstream())
                                        .downstreamTls(tls.downstream())
                                        .build()));
            }
            if (credentials.size() > RelayPodDefaults.MOST_CREDENTIALS) {
                throw new SpecRefusal(
                        "spec.links",
                        "made of links with " + credentials.size() + " certificates and passwords",
                        "made of links with at most " + RelayPodDefaults.MOST_CREDENTIALS
                                + ". Use one Secret for several links, or several Ambassadors");
            }
            Optional<AllPreflight> all = allPreflight(ambassador.getSpec().retarget());
            byte[] written = LinkTableWriter.write(LinkTable.of(links));
            if (StagedTargets.isRemembered(ambassador, all) && written.length > StagedTargets.MOST_REMEMBERED) {
                throw new SpecRefusal(
                        all.isPresent() ? PREFLIGHT + ".mode" : "spec.retarget.rollout.type",
                        (all.isPresent() ? "All" : "Staged") + " with links of more than "
                                + StagedTargets.MOST_REMEMBERED + " characters in a link table",
                        (all.isPresent() ? "Each" : "AllAtOnce")
                                + ", or the links with fewer targets or certificates, because the status remembers them");
            }
            Source source = new Source(
                    ambassador.getMetadata().getNamespace(),
                    ambassador.getMetadata().getName(),
                    Optional.ofNullable(ambassador.getMetadata().getGeneration())
                            .orElse(0L));
            return new TableOutcome.Table(
                    new LinkTable(Optional.of(revision(written)), List.of(source), links),
                    unresolved,
                    List.copyOf(credentials),
                    all);
        } catch (SpecRefusal e) {
            return new TableOutcome.Refused(e.getMessage());
        } catch (IllegalArgumentException e) {
            // Two links on one port, which a table does not allow.
            return new TableOutcome.Refused("spec.links: " + e.getMessage() + ".");
        }
    }

    /** The links without their TLS, which nothing must serve: where they lead. Empty when the spec has no table. */
    public static List<Link> whereTheyLead(Ambassador ambassador) {
        try {
            return links(ambassador);
        } catch (SpecRefusal | IllegalArgumentException e) {
            return List.of();
        }
    }

    /** A table with a revision of its own. */
    static LinkTable table(List<Source> sources, List<Link> links, Optional<StagedLinks> staged) {
        return new LinkTable(Optional.of(revision(links, staged)), sources, links, staged);
    }

    /** The first 8 hexadecimal digits of SHA-256 over a table of {@code links}, without its sources. */
    static String revision(List<Link> links) {
        return revision(links, Optional.empty());
    }

    private static String revision(List<Link> links, Optional<StagedLinks> staged) {
        return revision(LinkTableWriter.write(new LinkTable(Optional.empty(), List.of(), links, staged)));
    }

    private static String revision(byte[] written) {
        return Sha256.of(written, REVISION_BYTES);
    }

    private static List<Link> links(Ambassador ambassador) throws SpecRefusal {
        AmbassadorSpec spec = ambassador.getSpec();
        if (spec == null || spec.links() == null || spec.links().isEmpty()) {
            throw new SpecRefusal("spec.links", "empty", "at least one link, with a listen port and its targets");
        }
        RetargetSpec retarget = spec.retarget() == null ? NO_RETARGET : spec.retarget();
        ExistingConnections policy = SpecFields.word(
                "spec.retarget.existingConnections",
                retarget.existingConnections(),
                Link.DEFAULT_EXISTING_CONNECTIONS,
                ExistingConnections.class);
        Duration drainTimeout =
                SpecFields.duration("spec.retarget.drainTimeout", retarget.drainTimeout(), Link.DEFAULT_DRAIN_TIMEOUT);
        Optional<Preflight> asked = preflight(retarget.preflight());
        // With All, the relays do not decide for themselves.
        Optional<Preflight> preflight = isAll(retarget.preflight()) ? Optional.empty() : asked;
        Optional<DesiredHold> hold = DesiredHold.of(ambassador);
        List<Link> links = new ArrayList<>();
        for (int i = 0; i < spec.links().size(); i++) {
            Link link = link(
                    "spec.links[" + i + "]",
                    spec.links().get(i),
                    ambassador.getMetadata().getName(),
                    policy,
                    drainTimeout,
                    hold);
            links.add(
                    preflight.isPresent()
                            ? link.toBuilder().preflight(preflight).build()
                            : link);
        }
        return links;
    }

    private static Optional<Preflight> preflight(PreflightSpec spec) throws SpecRefusal {
        if (spec == null || spec.mode() == null || spec.mode().equals(PreflightSpec.NONE)) {
            return Optional.empty();
        }
        if (!spec.mode().equals(PreflightSpec.EACH) && !spec.mode().equals(PreflightSpec.ALL)) {
            throw new SpecRefusal(
                    PREFLIGHT + ".mode",
                    Printable.text(spec.mode()),
                    "None, Each or All, which is what this version of the operator knows");
        }
        try {
            return Optional.of(Preflight.ofOwnTargets(
                    SpecFields.duration(PREFLIGHT + ".timeout", spec.timeout(), Preflight.DEFAULT_TIMEOUT)));
        } catch (IllegalArgumentException e) {
            throw new SpecRefusal(PREFLIGHT, e);
        }
    }

    static Optional<AllPreflight> allPreflight(RetargetSpec retarget) throws SpecRefusal {
        if (retarget == null || !isAll(retarget.preflight())) {
            return Optional.empty();
        }
        PreflightSpec spec = retarget.preflight();
        String percent = Optional.ofNullable(spec.minReachable()).orElse("100%");
        if (!PERCENT.matcher(percent).matches()) {
            throw new SpecRefusal(
                    PREFLIGHT + ".minReachable", "'" + Printable.text(percent) + "'", "from 1% to 100%, such as 90%");
        }
        return Optional.of(new AllPreflight(
                preflight(spec).orElseThrow().timeout(), Integer.parseInt(percent.substring(0, percent.length() - 1))));
    }

    private static boolean isAll(PreflightSpec spec) {
        return spec != null && PreflightSpec.ALL.equals(spec.mode());
    }

    private static Link link(
            String place,
            LinkSpec spec,
            String aliasByDefault,
            ExistingConnections policy,
            Duration drainTimeout,
            Optional<DesiredHold> hold)
            throws SpecRefusal {
        if (spec.protocol() != null && !spec.protocol().equals("TCP")) {
            throw new SpecRefusal(
                    place + ".protocol",
                    Printable.text(spec.protocol()),
                    "TCP, which is what this version of the operator knows");
        }
        int listen = SpecFields.required(place + ".listen", spec.listen());
        if (listen == RelayEnvironment.DEFAULT_ADMIN_PORT) {
            throw new SpecRefusal(
                    place + ".listen", "" + listen, "another port, because the relay's admin port is there");
        }
        List<Target> targets = targets(place + ".targets", spec.targets());
        Duration connectTimeout =
                SpecFields.duration(place + ".connectTimeout", spec.connectTimeout(), Link.DEFAULT_CONNECT_TIMEOUT);
        Duration idleTimeout = SpecFields.duration(place + ".idleTimeout", spec.idleTimeout(), null);
        Duration halfCloseTimeout = SpecFields.duration(
                place + ".halfCloseTimeout", spec.halfCloseTimeout(), Link.DEFAULT_HALF_CLOSE_TIMEOUT);
        DesiredHealth health = DesiredHealth.of(place, spec);
        DesiredProxyProtocol proxyProtocol = DesiredProxyProtocol.of(place, spec);
        WhenUnavailable whenUnavailable = whenUnavailable(place + ".whenUnavailable", spec.whenUnavailable());
        try {
            return Link.builder(spec.alias() == null ? aliasByDefault : spec.alias(), listen, targets)
                    .connectTimeout(connectTimeout)
                    .idleTimeout(Optional.ofNullable(idleTimeout))
                    .halfCloseTimeout(halfCloseTimeout)
                    .maxConnections(
                            spec.maxConnections() == null ? OptionalInt.empty() : OptionalInt.of(spec.maxConnections()))
                    .existingConnections(policy)
                    .drainTimeout(drainTimeout)
                    .hold(hold.flatMap(asked -> asked.ofLink(listen)))
                    .whenUnavailable(whenUnavailable)
                    .healthCheck(health.check())
                    .failover(health.failover())
                    .upstreamProxyProtocol(proxyProtocol.upstream())
                    .downstreamProxyProtocol(proxyProtocol.downstream())
                    .build();
        } catch (IllegalArgumentException e) {
            throw new SpecRefusal(place, e);
        }
    }

    private static WhenUnavailable whenUnavailable(String place, WhenUnavailableSpec spec) throws SpecRefusal {
        if (spec == null || spec.action() == null || spec.action().equals("Refuse")) {
            return WhenUnavailable.REFUSE;
        }
        if (!spec.action().equals("Hold")) {
            throw new SpecRefusal(
                    place + ".action",
                    Printable.text(spec.action()),
                    "Refuse or Hold, which is what this version of the operator knows");
        }
        String timeout = SpecFields.required(place + ".timeout", spec.timeout());
        try {
            return WhenUnavailable.hold(SpecFields.duration(place + ".timeout", timeout, null));
        } catch (IllegalArgumentException e) {
            throw new SpecRefusal(place, e);
        }
    }

    private static List<Target> targets(String place, List<TargetSpec> specs) throws SpecRefusal {
        List<Target> targets = new ArrayList<>();
        for (TargetSpec spec : specs == null ? List.<TargetSpec>of() : specs) {
            String target = place + "[" + targets.size() + "]";
            String host = SpecFields.required(target + ".host", spec.host());
            int port = SpecFields.required(target + ".port", spec.port());
            try {
                targets.add(new Target(host, port));
            } catch (IllegalArgumentException e) {
                throw new SpecRefusal(target, e);
            }
        }
        return targets;
    }
}
