package link.ambassador.bench;

/**
 * The value that a figure must reach.
 *
 * @param relative whether bar and goal are multiples of the best peer's figure
 */
record Bound(boolean higherIsBetter, boolean relative, double bar, double goal) {
    static Bound timesAtLeast(double bar, double goal) {
        return new Bound(true, true, bar, goal);
    }

    static Bound timesAtMost(double bar, double goal) {
        return new Bound(false, true, bar, goal);
    }

    static Bound atMost(double bar, double goal) {
        return new Bound(false, false, bar, goal);
    }

    Verdict judge(Series figure) {
        if (reaches(figure.median(), goal)) {
            return Verdict.GOAL;
        }
        if (reaches(figure.median(), bar)) {
            return Verdict.BAR;
        }
        double best = higherIsBetter ? figure.max() : figure.min();
        return reaches(best, bar) ? Verdict.NEAR : Verdict.MISS;
    }

    boolean better(double figure, double other) {
        return higherIsBetter ? figure > other : figure < other;
    }

    private boolean reaches(double figure, double bound) {
        return higherIsBetter ? figure >= bound : figure <= bound;
    }
}
