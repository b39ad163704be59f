package link.ambassador.operator.topology;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.AmbassadorSpec;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.api.v1alpha1.LastRetarget;
import link.ambassador.api.v1alpha1.LinkSpec;
import link.ambassador.api.v1alpha1.RelayCounts;
import link.ambassador.api.v1alpha1.StatusSummary;
import link.ambassador.api.v1alpha1.TargetSpec;
import link.ambassador.config.LinkTable;
import link.ambassador.config.Printable;
import link.ambassador.model.Placement;
import link.ambassador.operator.delivery.RelayLoad.LinkLoad;
import link.ambassador.operator.gateway.GatewayNames;
import link.ambassador.operator.history.Retarget;
import link.ambassador.operator.status.RetargetSummary;

/** The documents of {@code /topology.json}. Every text in them is of bounded length and printable, whoever wrote it. */
final class TopologyDocument {
    static final int MOST_AMBASSADORS = 1000;
    static final int MOST_RETARGETS = 50;

    /** The API server allows 16 of each; a resource may come from elsewhere. */
    private static final int MOST_LINKS = 16;

    private static final int MOST_CONDITIONS = 16;

    private TopologyDocument() {}

    /**
     * All Ambassadors.
     *
     * @param leads whether this operator reconciles, and so knows relays
     * @param counts how many Ambassadors are in each state, by {@link ShownState#word}
     * @param ambassadors at most {@value #MOST_AMBASSADORS}: those that fail first, then by namespace and name
     * @param leftOut how many there are beyond those
     * @param retargets the latest {@value #MOST_RETARGETS}, the newest first; of each Ambassador its last one
     */
    record Overview(
            String generatedAt,
            String version,
            boolean leads,
            Map<String, Integer> counts,
            List<Row> ambassadors,
            int leftOut,
            List<LatestRetarget> retargets) {}

    record Row(
            String namespace,
            String name,
            String state,
            String reason,
            String placement,
            String listen,
            String target,
            String relays) {}

    /** @param convergedAt absent while relays lag */
    @JsonInclude(Include.NON_NULL)
    record LatestRetarget(
            String namespace, String name, String from, String to, String startedAt, String convergedAt) {}

    /**
     * One Ambassador with its relays.
     *
     * @param service that consumers of a gateway connect to; absent for sidecars
     * @param retargets those that are remembered, the newest first
     * @param relays the relays that this operator saw; absent while another one reconciles
     */
    @JsonInclude(Include.NON_NULL)
    record Detail(
            String generatedAt,
            Row ambassador,
            String service,
            List<LinkRow> links,
            List<ConditionRow> conditions,
            List<RememberedRetarget> retargets,
            Relays relays) {}

    record LinkRow(String alias, int listen, List<String> targets) {}

    record ConditionRow(String type, String status, String reason, String message, String since) {}

    /**
     * One retarget of the history.
     *
     * @param revision the generation of the Ambassador that asked for it
     * @param changedBy the field manager of that edit; empty when nothing says
     * @param convergedAt absent while relays lag, and for good when the next one came first
     */
    @JsonInclude(Include.NON_NULL)
    record RememberedRetarget(
            long revision, String from, String to, String changedBy, String startedAt, String convergedAt) {}

    /** @param leftOut how many relays there are beyond the listed {@value Topology#MOST_RELAYS} */
    record Relays(List<Relay> listed, int leftOut) {}

    /**
     * One relay.
     *
     * @param state as in {@link link.ambassador.operator.delivery.RelaySync.SyncState}
     * @param polledAt when it answered the operator last; absent when that is more than 10 minutes ago
     * @param links this Ambassador's alone: a sidecar may serve others too; absent as polledAt is
     */
    @JsonInclude(Include.NON_NULL)
    record Relay(String pod, String state, String sentence, String polledAt, List<LinkLoad> links) {}

    static Overview overview(Stream<Ambassador> known, String version, boolean leads, Instant now) {
        Map<ShownState, Integer> counts = new EnumMap<>(ShownState.class);
        List<Shown> all = new ArrayList<>();
        known.forEach(ambassador -> {
            Shown shown = new Shown(ambassador, ShownState.of(ambassador));
            counts.merge(shown.because().state(), 1, Integer::sum);
            all.add(shown);
        });
        all.sort(Comparator.comparing((Shown shown) -> shown.because().state())
                .thenComparing(shown -> shown.ambassador().getMetadata().getNamespace())
                .thenComparing(shown -> shown.ambassador().getMetadata().getName()));
        return new Overview(
                text(now),
                version,
                leads,
                words(counts),
                all.stream().limit(MOST_AMBASSADORS).map(Shown::row).toList(),
                Math.max(0, all.size() - MOST_AMBASSADORS),
                all.stream()
                        .flatMap(shown -> retarget(shown.ambassador()).stream())
                        .sorted(Comparator.comparing(LatestRetarget::startedAt).reversed())
                        .limit(MOST_RETARGETS)
                        .toList());
    }

    static Detail detail(Ambassador ambassador, List<Retarget> retargets, Topology topology, Instant now) {
        boolean gateway = Placement.of(ambassador) == Placement.GATEWAY;
        List<LinkRow> links = links(ambassador);
        Set<Integer> ports = links.stream().map(LinkRow::listen).collect(Collectors.toSet());
        return new Detail(
                text(now),
                new Shown(ambassador, ShownState.of(ambassador)).row(),
                gateway ? Printable.text(GatewayNames.of(ambassador).service()) : null,
                links,
                conditions(ambassador),
                retargets.stream().map(TopologyDocument::remembered).toList(),
                topology.relays(ambassador.getMetadata().getUid())
                        .map(relays -> new Relays(
                                relays.listed().stream()
                                        .map(relay -> relay(relay, topology, ports))
                                        .toList(),
                                relays.all() - relays.listed().size()))
                        .orElse(null));
    }

    private record Shown(Ambassador ambassador, ShownState.Because because) {
        Row row() {
            Optional<AmbassadorStatus> status = Optional.ofNullable(ambassador.getStatus());
            Optional<StatusSummary> summary = status.map(AmbassadorStatus::summary);
            return new Row(
                    ambassador.getMetadata().getNamespace(),
                    ambassador.getMetadata().getName(),
                    because.state().word(),
                    Printable.sentence(because.reason()),
                    Placement.of(ambassador).name().toLowerCase(Locale.ROOT),
                    word(summary.map(StatusSummary::listen)),
                    word(summary.map(StatusSummary::target)),
                    status.map(AmbassadorStatus::relays).map(Shown::ratio).orElse(""));
        }

        private static String ratio(RelayCounts relays) {
            return relays.converged() + "/" + relays.selected();
        }
    }

    private static Map<String, Integer> words(Map<ShownState, Integer> counts) {
        Map<String, Integer> words = new LinkedHashMap<>();
        for (ShownState state : ShownState.values()) {
            words.put(state.word(), counts.getOrDefault(state, 0));
        }
        return words;
    }

    private static Optional<LatestRetarget> retarget(Ambassador ambassador) {
        LastRetarget last = Optional.ofNullable(ambassador.getStatus())
                .map(AmbassadorStatus::lastRetarget)
                .orElse(null);
        if (last == null || last.startedAt() == null) {
            return Optional.empty();
        }
        return Optional.of(new LatestRetarget(
                ambassador.getMetadata().getNamespace(),
                ambassador.getMetadata().getName(),
                sentence(last.from()),
                sentence(last.to()),
                Printable.text(last.startedAt()),
                last.convergedAt() == null ? null : Printable.text(last.convergedAt())));
    }

    private static RememberedRetarget remembered(Retarget retarget) {
        RetargetSummary change =
                RetargetSummary.between(LinkTable.of(retarget.before()), LinkTable.of(retarget.after()));
        return new RememberedRetarget(
                retarget.generation(),
                sentence(change.from()),
                sentence(change.to()),
                sentence(retarget.changedBy()),
                retarget.startedAt().toString(),
                retarget.convergedAt().map(Instant::toString).orElse(null));
    }

    private static List<LinkRow> links(Ambassador ambassador) {
        List<LinkSpec> links = Optional.ofNullable(ambassador.getSpec())
                .map(AmbassadorSpec::links)
                .orElse(List.of());
        return links.stream()
                .limit(MOST_LINKS)
                .map(link -> new LinkRow(
                        link.alias() == null ? ambassador.getMetadata().getName() : Printable.text(link.alias()),
                        Objects.requireNonNullElse(link.listen(), 0),
                        Objects.requireNonNullElse(link.targets(), List.<TargetSpec>of()).stream()
                                .limit(MOST_LINKS)
                                .map(TopologyDocument::target)
                                .toList()))
                .toList();
    }

    /** As {@link link.ambassador.config.Target} writes it, and as a relay's load names it. */
    private static String target(TargetSpec target) {
        String host = sentence(target.host());
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + target.port();
    }

    private static List<ConditionRow> conditions(Ambassador ambassador) {
        return Optional.ofNullable(ambassador.getStatus()).map(AmbassadorStatus::conditions).orElse(List.of()).stream()
                .limit(MOST_CONDITIONS)
                .map(TopologyDocument::row)
                .toList();
    }

    private static ConditionRow row(Condition condition) {
        return new ConditionRow(
                sentence(condition.getType()),
                sentence(condition.getStatus()),
                sentence(condition.getReason()),
                sentence(condition.getMessage()),
                sentence(condition.getLastTransitionTime()));
    }

    private static Relay relay(Topology.Relay relay, Topology topology, Set<Integer> ports) {
        Optional<Topology.Polled> polled = topology.load(relay.uid());
        return new Relay(
                Printable.text(relay.pod()),
                relay.state().name(),
                Printable.sentence(relay.sentence()),
                polled.map(load -> text(load.at())).orElse(null),
                polled.map(answer -> answer.load().links().stream()
                                .filter(link -> ports.contains(link.listen()))
                                .toList())
                        .orElse(null));
    }

    private static String word(Optional<String> word) {
        return Printable.text(word.orElse(""));
    }

    private static String sentence(String text) {
        return Printable.sentence(Objects.requireNonNullElse(text, ""));
    }

    private static String text(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
