package link.ambassador.config;

/** What happens to the connections that a change of the table affects. */
public enum ExistingConnections implements Word {
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

    @Override
    public String word() {
        return word;
    }
}
