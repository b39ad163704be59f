package link.ambassador.model;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.AmbassadorSpec;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.api.v1alpha1.RetargetSpec;
import link.ambassador.api.v1alpha1.RolloutSpec;
import link.ambassador.api.v1alpha1.RolloutStatus;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.LinkTableReader;
import link.ambassador.config.LinkTableWriter;
import link.ambassador.config.ParseResult;
import link.ambassador.config.Sha256;
import link.ambassador.config.StagedLinks;
import link.ambassador.config.Target;

/**
 * Which relays have the new targets of a staged retarget, and what the others have. It follows from the spec and the stored status alone,
 * so the operator, its successor and the webhook agree, whoever was killed in between: a relay moves only after the status says so.
 *
 * <p>A link with other targets is staged as a whole, because the rest of it may be right for its new targets alone, such as TLS. Its alias,
 * its hold, and what the spec says of retargets are for every relay at once; so is a link whose targets stay.
 *
 * <p>With the preflight All no relay has the new targets, until the status says that enough of them reach these.
 *
 * @param id of the new targets
 * @param upTo the relays up to this place have them; empty while none has
 * @param before the links that the others have, by listen port; empty while the status does not say: then they keep what they have
 * @param preflight by which relays that do not have the new targets dial them; empty: these relays know nothing of the new targets
 */
public record StagedTargets(
        String id, Optional<String> upTo, Map<Integer, Link> before, Optional<AllPreflight> preflight) {
    /** How long the links that a status remembers may be, in characters of JSON. */
    public static final int MOST_REMEMBERED = 64 * 1024;

    /** The place behind which there is no relay. */
    public static final String LAST_PLACE = "ffffffffffffffff";

    private static final int PLACE_BYTES = LAST_PLACE.length() / 2;
    private static final int ID_BYTES = 4;

    /** A retarget in steps. */
    public StagedTargets(String id, Optional<String> upTo, Map<Integer, Link> before) {
        this(id, upTo, before, Optional.empty());
    }

    /**
     * The sidecars' retarget that is on its way; empty when every relay is to have the links of the spec.
     *
     * @param desired the table of the spec
     */
    static Optional<StagedTargets> of(Ambassador ambassador, TableOutcome.Table desired) {
        if (desired.preflight().isEmpty() || isStaged(ambassador)) {
            return of(ambassador, desired.table());
        }
        Optional<RolloutStatus> stored =
                Optional.ofNullable(ambassador.getStatus()).map(AmbassadorStatus::rollout);
        String id = id(desired.table().links());
        if (stored.isEmpty()) {
            return unlessServed(ambassador, desired.table())
                    .map(revision -> new StagedTargets(id, Optional.empty(), Map.of(), desired.preflight()));
        }
        return stored.flatMap(StagedTargets::before)
                .map(before -> new StagedTargets(id, Optional.empty(), before, desired.preflight()))
                .filter(staged -> !staged.asBefore(desired.table().links())
                        .equals(desired.table().links()));
    }

    /** The revision that relays have, if it is not this table's. The edit that brought the stages may have brought other targets too. */
    private static Optional<String> unlessServed(Ambassador ambassador, LinkTable desired) {
        return Optional.ofNullable(ambassador.getStatus())
                .map(AmbassadorStatus::revision)
                .filter(revision -> !desired.revision().equals(Optional.of(revision)));
    }

    /** Whether the status remembers the links: of retargets in steps, and of sidecars with the preflight All. */
    static boolean isRemembered(Ambassador ambassador, Optional<AllPreflight> preflight) {
        return isStaged(ambassador) || (preflight.isPresent() && Placement.of(ambassador) == Placement.SIDECAR);
    }

    /**
     * The retarget in steps that is on its way, rolled back or paused; empty when every relay is to have the targets of the spec.
     *
     * @param desired the table of the spec
     */
    public static Optional<StagedTargets> of(Ambassador ambassador, LinkTable desired) {
        Optional<AmbassadorStatus> status = Optional.ofNullable(ambassador.getStatus());
        Optional<RolloutStatus> stored = status.map(AmbassadorStatus::rollout);
        if (!isStaged(ambassador)) {
            return Optional.empty();
        }
        // Not those of its table, which lacks a link while the ConfigMap with its certificates cannot be read.
        String id = id(DesiredTable.whereTheyLead(ambassador));
        if (stored.isEmpty()) {
            return unlessServed(ambassador, desired).map(revision -> new StagedTargets(id, Optional.empty(), Map.of()));
        }
        RolloutStatus rollout = stored.get();
        Optional<Map<Integer, Link>> before = before(rollout);
        if (before.isEmpty() || id.equals(id(before.get().values()))) {
            return Optional.empty();
        }
        if (!id.equals(rollout.targets())) {
            // The operator has not seen this edit yet.
            return Optional.of(new StagedTargets(id, Optional.empty(), before.get()));
        }
        return rollout.is(RolloutStatus.PHASE_COMPLETE)
                ? Optional.empty()
                : Optional.of(new StagedTargets(id, Optional.ofNullable(rollout.upTo()), before.get()));
    }

    /** Whether other relays have the new targets once {@code now} is stored in place of {@code before}, which may be null. */
    public static boolean areOthers(AmbassadorStatus before, AmbassadorStatus now) {
        return !Objects.equals(decisive(before), decisive(now));
    }

    private static List<Object> decisive(AmbassadorStatus status) {
        RolloutStatus rollout = status == null ? null : status.rollout();
        return rollout == null
                ? List.of()
                : Arrays.asList(rollout.phase(), rollout.targets(), rollout.upTo(), rollout.formerLinks());
    }

    /** Whether the spec asks for retargets in stages. */
    public static boolean isStaged(Ambassador ambassador) {
        return rollout(ambassador)
                .filter(rollout -> RolloutSpec.STAGED.equals(rollout.type()) && rollout.staged() != null)
                .isPresent();
    }

    /** What the spec says of the order of relays; empty when it says nothing. */
    public static Optional<RolloutSpec> rollout(Ambassador ambassador) {
        return Optional.ofNullable(ambassador.getSpec())
                .map(AmbassadorSpec::retarget)
                .map(RetargetSpec::rollout);
    }

    /** The place of a relay in the order of all of them, by the uid of its pod. */
    public static String place(String uid, String id) {
        return Sha256.of(uid + id, PLACE_BYTES);
    }

    private boolean isForAll() {
        return upTo.equals(Optional.of(LAST_PLACE));
    }

    /** The same while some relays of one table know nothing of stages: only all of them can have the new targets. */
    public StagedTargets unlessForAll() {
        return isForAll() ? this : new StagedTargets(id, Optional.empty(), before, preflight);
    }

    /** Whether a relay has the new targets; one whose pod has no uid yet has not. */
    public boolean hasNew(Optional<String> uid) {
        return uid.isPresent()
                && upTo.filter(last -> place(uid.get(), id).compareTo(last) <= 0)
                        .isPresent();
    }

    /** Whether the status says what the other relays have. */
    public boolean isBeforeKnown() {
        return !before.isEmpty();
    }

    /**
     * The one table of all relays of a gateway.
     *
     * @param desired the table of the spec
     * @param pods its pods, by uid
     */
    public LinkTable tableFor(LinkTable desired, Map<String, String> pods) {
        if (isForAll()) {
            return desired;
        }
        List<Link> others = asBefore(desired.links());
        Set<String> moved = pods.entrySet().stream()
                .filter(pod -> hasNew(Optional.of(pod.getKey())))
                .map(Map.Entry::getValue)
                .collect(Collectors.toSet());
        List<Link> links =
                desired.links().stream().filter(link -> !others.contains(link)).toList();
        return DesiredTable.table(
                desired.sources(),
                others,
                moved.isEmpty() || links.isEmpty() ? Optional.empty() : Optional.of(new StagedLinks(moved, links)));
    }

    /** The links of a relay that has not the new targets. A link that was not there before is the same for every relay. */
    List<Link> asBefore(List<Link> links) {
        if (preflight.isPresent()) {
            return preflight.get().candidates(before.values(), links);
        }
        return links.stream()
                .map(link -> Optional.ofNullable(before.get(link.listen()))
                        .filter(had -> !had.targets().equals(link.targets()))
                        .map(had -> had.toBuilder()
                                .alias(link.alias())
                                .existingConnections(link.existingConnections())
                                .drainTimeout(link.drainTimeout())
                                .preflight(link.preflight())
                                .hold(link.hold())
                                .build())
                        .orElse(link))
                .toList();
    }

    /** Why an edit is not staged: the links that some relays have then could not be in one table. */
    public static TableOutcome.Refused refusal(IllegalArgumentException why) {
        return new TableOutcome.Refused(
                ConditionReason.TABLE_TOO_LARGE,
                "spec.links, with the links from before the retarget: " + why.getMessage()
                        + ". Change the certificates and the targets in two edits. Relays keep their links.");
    }

    /** The credentials of the links that relays without the new targets have. */
    List<String> credentials() {
        return before.values().stream()
                .flatMap(link -> link.credentials().stream())
                .distinct()
                .sorted()
                .toList();
    }

    /** What a pod is to have of each Ambassador. */
    public static Collection<SidecarAmbassador> forPod(
            Collection<SidecarAmbassador> ambassadors, Optional<String> uid) {
        return ambassadors.stream().anyMatch(ambassador -> ambassador.staged().isPresent())
                ? ambassadors.stream().map(ambassador -> ambassador.forPod(uid)).toList()
                : ambassadors;
    }

    /** Identifies the targets of these links: equal for equal targets on equal ports. */
    public static String id(Collection<Link> links) {
        Map<Integer, List<Target>> byPort = new TreeMap<>();
        links.forEach(link -> byPort.put(link.listen(), link.targets()));
        return Sha256.of(byPort.toString(), ID_BYTES);
    }

    /**
     * These links, for the status; empty when they are longer than a status remembers, or cannot be in one table.
     *
     * @param links no two on one listen port
     */
    public static Optional<String> remembered(List<Link> links) {
        try {
            return Optional.of(new String(LinkTableWriter.write(LinkTable.of(links)), StandardCharsets.UTF_8))
                    .filter(text -> text.length() <= MOST_REMEMBERED);
        } catch (IllegalArgumentException tooManyCertificates) {
            return Optional.empty();
        }
    }

    /** The links that a status says are served, by listen port; empty when somebody wrote something else into it. */
    public static Optional<Map<Integer, Link>> before(RolloutStatus rollout) {
        return Optional.ofNullable(rollout.formerLinks())
                .map(text -> LinkTableReader.read(text.getBytes(StandardCharsets.UTF_8)))
                .filter(ParseResult.Accepted.class::isInstance)
                .map(reading -> ((ParseResult.Accepted) reading).table().links())
                .filter(links -> !links.isEmpty())
                .map(links -> links.stream().collect(Collectors.toMap(Link::listen, Function.identity())));
    }
}
