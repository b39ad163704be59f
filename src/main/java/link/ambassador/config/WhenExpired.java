package link.ambassador.config;

import java.util.Optional;

/** What happens to held connections when the hold's timeout is over. */
public enum WhenExpired {
    /** They are dialled, as if the hold had been removed. */
    RELEASE("Release"),
    /** They are reset. */
    REFUSE("Refuse");

    private final String word;

    WhenExpired(String word) {
        this.word = word;
    }

    /** The word in the resource and in a link table's JSON. */
    public String word() {
        return word;
    }

    /** The choice for this word, in this case; empty if there is none. */
    public static Optional<WhenExpired> ofWord(String word) {
        for (WhenExpired choice : values()) {
            if (choice.word.equals(word)) {
                return Optional.of(choice);
            }
        }
        return Optional.empty();
    }
}
