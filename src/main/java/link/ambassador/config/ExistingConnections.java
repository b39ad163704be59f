package link.ambassador.config;

import java.util.Optional;

/** What happens to the connections that a change of the table affects. */
public enum ExistingConnections {
    /** They stay with their target. */
    KEEP("Keep"),
    /** Each is closed when it is idle. The rest is reset at the drain timeout. */
    DRAIN("Drain"),
    /** Both sides are reset at once. */
    CLOSE("Close");

    private final String word;

    ExistingConnections(String word) {
        this.word = word;
    }

    /** The word in the resource and in a link table's JSON. */
    public String word() {
        return word;
    }

    /** The policy for this word, in this case; empty if there is none. */
    public static Optional<ExistingConnections> ofWord(String word) {
        for (ExistingConnections policy : values()) {
            if (policy.word.equals(word)) {
                return Optional.of(policy);
            }
        }
        return Optional.empty();
    }
}
