package link.ambassador.config;

/** What happens to held connections when the hold's timeout is over. */
public enum WhenExpired implements Word {
    /** They are dialled, as if the hold had been removed. */
    RELEASE("Release"),
    /** They are reset. */
    REFUSE("Refuse");

    private final String word;

    WhenExpired(String word) {
        this.word = word;
    }

    @Override
    public String word() {
        return word;
    }
}
