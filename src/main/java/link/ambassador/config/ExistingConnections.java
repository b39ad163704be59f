package link.ambassador.config;

import java.util.Optional;

/** What happens to the connections that a change of the table affects. */
public enum ExistingConnections {
    /** They stay with the target they have. */
    KEEP("Keep"),
    /** Each is closed when it is idle; what is left at the drain timeout is reset. */
    DRAIN("Drain"),
    /** Both sides are reset now. */
    CLOSE("Close");

    private final String word;

    ExistingConnections(String word) {
        this.word = word;
    }

    /** The word for it in the resource and in a link table's JSON. */
    public String word() {
        return word;
    }

    /** The policy of this word, whose case counts; empty when there is none. */
    public static Optional<ExistingConnections> ofWord(String word) {
        for (ExistingConnections policy : values()) {
            if (policy.word.equals(word)) {
                return Optional.of(policy);
            }
        }
        return Optional.empty();
    }
}
