package link.ambassador.bench;

/** The result of a row. */
enum Verdict {
    GOAL("goal"),
    BAR("bar"),
    /** The median misses the bar, but single rounds reach it. */
    NEAR("**miss**, within the spread"),
    MISS("**miss**"),
    NOT_MEASURED("not measured");

    private final String word;

    Verdict(String word) {
        this.word = word;
    }

    String word() {
        return word;
    }
}
