package link.ambassador.operator.delivery;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import link.ambassador.operator.delivery.RelayStatus.LinkAnswer;

/**
 * What is known of one relay with regard to the revision that it is to serve.
 *
 * @param state how it stands
 * @param sentence why, for a person; empty when it acknowledged
 * @param answer the latest that it said; empty when it did not answer since the revision was wanted
 * @param refusal what the API server says to the write that would give it the table; empty while it takes that
 */
public record RelaySync(SyncState state, String sentence, Optional<RelayStatus> answer, Optional<String> refusal) {
    /** How a relay stands. */
    public enum SyncState {
        /** It serves the revision and listens on every port of it. */
        ACKNOWLEDGED,
        /** It answers, and serves another table. */
        STALE,
        /** It refused the table, or cannot listen on a port of it: waiting will not help by itself. */
        ERROR,
        /** It was asked and did not answer. */
        UNREACHABLE,
        /** It was not asked yet. */
        PENDING
    }

    public static final RelaySync PENDING = new RelaySync(SyncState.PENDING, "was not polled yet", Optional.empty());

    public RelaySync(SyncState state, String sentence, Optional<RelayStatus> answer) {
        this(state, sentence, answer, Optional.empty());
    }

    static RelaySync silent(String sentence) {
        return new RelaySync(SyncState.UNREACHABLE, sentence, Optional.empty());
    }

    /**
     * The same while the API server refuses to give the relay its table: that, and not what the relay says, is why it does not
     * serve it.
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

    /** The same with regard to the links on these ports alone: one link's error is not another's. */
    public RelaySync of(Set<Integer> ports, String revision) {
        RelaySync ofPorts = answer.map(said -> of(said.only(ports), revision)).orElse(this);
        return refusal.map(ofPorts::refused).orElse(ofPorts);
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
            return new RelaySync(SyncState.ACKNOWLEDGED, "", said);
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
