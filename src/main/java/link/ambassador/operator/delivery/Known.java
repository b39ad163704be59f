package link.ambassador.operator.delivery;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import link.ambassador.operator.delivery.RelayAnswer.LinkAnswer;

/**
 * What is known of one relay with regard to the revision that it is to serve.
 *
 * @param standing how it stands
 * @param sentence why, for a person; empty when it acknowledged
 * @param answer the latest that it said; empty when it did not answer since the revision was wanted
 * @param refusal what the API server says to the write that would give it the table; empty while it takes that
 */
public record Known(Standing standing, String sentence, Optional<RelayAnswer> answer, Optional<String> refusal) {
    /** How a relay stands. */
    public enum Standing {
        /** It serves the revision and listens on every port of it. */
        ACKNOWLEDGED,
        /** It answers, and serves another table. */
        BEHIND,
        /** It refused the table, or cannot listen on a port of it: waiting will not help by itself. */
        IN_ERROR,
        /** It was asked and did not answer. */
        SILENT,
        /** It was not asked yet. */
        NOT_ASKED
    }

    public static final Known NOT_ASKED = new Known(Standing.NOT_ASKED, "was not polled yet", Optional.empty());

    public Known(Standing standing, String sentence, Optional<RelayAnswer> answer) {
        this(standing, sentence, answer, Optional.empty());
    }

    static Known silent(String sentence) {
        return new Known(Standing.SILENT, sentence, Optional.empty());
    }

    /**
     * The same while the API server refuses to give the relay its table: that, and not what the relay says, is why it does not
     * serve it.
     */
    Known refused(String byTheApiServer) {
        return standing == Standing.ACKNOWLEDGED
                ? this
                : new Known(
                        Standing.BEHIND,
                        "could not be given the table: " + byTheApiServer,
                        answer,
                        Optional.of(byTheApiServer));
    }

    /** The same with regard to the links on these ports alone: one link's error is not another's. */
    public Known of(Set<Integer> ports, String revision) {
        Known ofPorts = answer.map(said -> of(said.only(ports), revision)).orElse(this);
        return refusal.map(ofPorts::refused).orElse(ofPorts);
    }

    /** What an answer means for {@code revision}. */
    public static Known of(RelayAnswer answer, String revision) {
        Optional<RelayAnswer> said = Optional.of(answer);
        Optional<String> refusal = answer.rejected()
                .filter(rejected -> rejected.revision().filter(revision::equals).isPresent()
                        || rejected.revision().isEmpty())
                .map(RelayAnswer.Rejected::error);
        boolean applied = answer.appliedRevision().filter(revision::equals).isPresent();
        if (!applied && refusal.isPresent()) {
            return new Known(Standing.IN_ERROR, "rejected the table: " + refusal.get(), said);
        }
        if (!applied) {
            return new Known(
                    Standing.BEHIND,
                    answer.appliedRevision()
                            .map(other -> "serves revision " + other)
                            .orElse("serves no table yet"),
                    said);
        }
        List<LinkAnswer> notListening =
                answer.links().stream().filter(link -> !link.listening()).toList();
        if (notListening.isEmpty()) {
            return new Known(Standing.ACKNOWLEDGED, "", said);
        }
        return notListening.stream()
                .filter(link -> !link.error().isEmpty())
                .findFirst()
                .map(link -> new Known(Standing.IN_ERROR, link.error(), said))
                .orElseGet(() -> new Known(
                        Standing.BEHIND,
                        "is about to listen on port " + notListening.get(0).listen(),
                        said));
    }
}
