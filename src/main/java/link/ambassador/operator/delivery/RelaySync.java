package link.ambassador.operator.delivery;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import link.ambassador.config.Feature;
import link.ambassador.config.Link;
import link.ambassador.operator.delivery.RelayStatus.LinkAnswer;

/**
 * How far one relay is with the revision that it is to serve.
 *
 * @param sentence why it is in this state, for a person; empty when it acknowledged
 * @param answer its latest answer; empty when it has not answered since the revision was wanted
 * @param refusal why the API server rejected the write that would give it the table; empty while it accepts that
 */
public record RelaySync(SyncState state, String sentence, Optional<RelayStatus> answer, Optional<String> refusal) {
    public enum SyncState {
        /** It serves the revision and listens on every port of it. */
        ACKNOWLEDGED,
        /** It answers, and serves another table. */
        STALE,
        /** It serves the revision, with the former targets of a link until the first of the new ones answers. */
        DIALLING,
        /** The same, and that target did not answer. It is dialled again and again. */
        KEPT,
        /** It rejected the table, or cannot listen on a port of it. Waiting alone does not help. */
        ERROR,
        /** It does not know a feature that one of its links requires. Waiting alone does not help. */
        TOO_OLD,
        /** Its pod was created without a credential that one of its links names. Waiting alone does not help. */
        WITHOUT_CREDENTIAL,
        /** It was polled and did not answer. */
        UNREACHABLE,
        /** It was not polled yet. */
        PENDING
    }

    public static final RelaySync PENDING = new RelaySync(SyncState.PENDING, "was not polled yet", Optional.empty());

    public RelaySync(SyncState state, String sentence, Optional<RelayStatus> answer) {
        this(state, sentence, answer, Optional.empty());
    }

    /**
     * A relay that serves these links as they were before.
     *
     * @param features that it knows
     * @param remedy how to get a newer one, as the end of a sentence
     */
    public static RelaySync tooOld(
            List<Link> links, Set<Feature> features, String remedy, Optional<RelayStatus> answer) {
        Set<Feature> missing = EnumSet.noneOf(Feature.class);
        links.forEach(link -> missing.addAll(link.features()));
        missing.removeAll(features);
        String ports = links.stream().map(link -> "" + link.listen()).collect(Collectors.joining(", "));
        return new RelaySync(
                SyncState.TOO_OLD,
                "does not know " + Feature.words(missing) + ", and serves port " + ports + " as before: " + remedy,
                answer);
    }

    /**
     * A relay that serves these links as they were before.
     *
     * @param credentials that its pod was created with
     * @param remedy how the pod gets the others, as the end of a sentence
     */
    public static RelaySync withoutCredentials(
            List<Link> links, Set<String> credentials, String remedy, Optional<RelayStatus> answer) {
        Set<String> missing = new TreeSet<>();
        links.forEach(link -> missing.addAll(link.credentials()));
        missing.removeAll(credentials);
        String ports = links.stream().map(link -> "" + link.listen()).collect(Collectors.joining(", "));
        return new RelaySync(
                SyncState.WITHOUT_CREDENTIAL,
                "was created without the credential " + String.join(", ", missing) + ", and serves port " + ports
                        + " as before: " + remedy,
                answer);
    }

    /** Whether the relay has the links of the revision, and reaches the candidate of each of these that has one. */
    public boolean reachesCandidates(List<Link> links) {
        return hasApplied()
                && answer.filter(said -> said.reachesCandidates(links)).isPresent();
    }

    /** An error may be that of a port, which says nothing about targets. */
    private boolean hasApplied() {
        return switch (state) {
            case ACKNOWLEDGED, DIALLING, KEPT -> true;
            case ERROR -> answer.filter(said -> said.rejected().isEmpty()).isPresent();
            case STALE, TOO_OLD, WITHOUT_CREDENTIAL, UNREACHABLE, PENDING -> false;
        };
    }

    /** Whether {@code other} is news for nobody who does not count dials. */
    boolean tellsTheSameAs(RelaySync other) {
        return state == other.state
                && sentence.equals(other.sentence)
                && refusal.equals(other.refusal)
                && answer.map(RelayStatus::withoutDials).equals(other.answer.map(RelayStatus::withoutDials));
    }

    static RelaySync unreachable(String sentence) {
        return new RelaySync(SyncState.UNREACHABLE, sentence, Optional.empty());
    }

    /**
     * The same relay while the API server rejects the write of its table. That, and not the relay's answer, is why it does not
     * serve the table.
     */
    RelaySync refused(String byTheApiServer) {
        return state == SyncState.ACKNOWLEDGED
                ? this
                : new RelaySync(
                        SyncState.STALE,
                        "could not be given the table: " + byTheApiServer,
                        answer,
                        Optional.of(byTheApiServer));
    }

    /** The same with regard to the links on these ports alone: the error of one link says nothing about another. */
    public RelaySync of(Set<Integer> ports, String revision) {
        RelaySync ofPorts = answer.map(said -> of(said.only(ports), revision)).orElse(this);
        return refusal.map(ofPorts::refused).orElse(ofPorts);
    }

    /** Of a relay that has its former targets still; what is known to be wrong comes first. */
    private static Optional<RelaySync> kept(RelayStatus answer) {
        List<LinkAnswer> keeping =
                answer.links().stream().filter(LinkAnswer::keepsFormerTargets).toList();
        return keeping.stream()
                .filter(link -> link.preflight().get().isUnreachable())
                .findFirst()
                .map(link -> new RelaySync(
                        SyncState.KEPT,
                        "keeps the former targets of port " + link.listen() + ": "
                                + link.preflight().get().error(),
                        Optional.of(answer)))
                .or(() -> keeping.stream()
                        .findFirst()
                        .map(link -> new RelaySync(
                                SyncState.DIALLING,
                                "dials " + link.preflight().get().target() + " before connections go there",
                                Optional.of(answer))));
    }

    /** What an answer means for {@code revision}. */
    public static RelaySync of(RelayStatus answer, String revision) {
        Optional<RelayStatus> said = Optional.of(answer);
        Optional<String> refusal = answer.rejected()
                .filter(rejected -> rejected.revision().filter(revision::equals).isPresent()
                        || rejected.revision().isEmpty())
                .map(RelayStatus.Rejected::error);
        boolean applied = answer.appliedRevision().filter(revision::equals).isPresent();
        if (!applied && refusal.isPresent()) {
            return new RelaySync(SyncState.ERROR, "rejected the table: " + refusal.get(), said);
        }
        if (!applied) {
            return new RelaySync(
                    SyncState.STALE,
                    answer.appliedRevision()
                            .map(other -> "serves revision " + other)
                            .orElse("serves no table yet"),
                    said);
        }
        List<LinkAnswer> notListening =
                answer.links().stream().filter(link -> !link.listening()).toList();
        if (notListening.isEmpty()) {
            return kept(answer).orElseGet(() -> new RelaySync(SyncState.ACKNOWLEDGED, "", said));
        }
        return notListening.stream()
                .filter(link -> !link.error().isEmpty())
                .findFirst()
                .map(link -> new RelaySync(SyncState.ERROR, link.error(), said))
                .orElseGet(() -> new RelaySync(
                        SyncState.STALE,
                        "is about to listen on port " + notListening.get(0).listen(),
                        said));
    }
}
