package link.ambassador.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a link with a {@link HealthCheck} chooses among its targets.
 *
 * @param selection the rule
 * @param weights as many as the link has targets, each 0 to {@value #MAX_WEIGHT}, one at least above 0; empty unless {@link
 *     Selection#WEIGHTED}. A target of weight 0 gets no connection
 * @param failback when new connections go back to a preferred target; {@link Failback#IMMEDIATE} with {@link
 *     Selection#WEIGHTED}
 * @param existingConnections what happens to connections of a target that became unhealthy, or that failback leaves
 * @param whenNoneHealthy what happens to new connections when no target is healthy
 */
public record Failover(
        Selection selection,
        List<Integer> weights,
        Failback failback,
        ExistingConnections existingConnections,
        WhenNoneHealthy whenNoneHealthy) {
    public static final Selection DEFAULT_SELECTION = Selection.FIRST_AVAILABLE;
    public static final Failback DEFAULT_FAILBACK = Failback.IMMEDIATE;
    public static final ExistingConnections DEFAULT_EXISTING_CONNECTIONS = ExistingConnections.KEEP;
    public static final int DEFAULT_WEIGHT = 1;
    public static final int MAX_WEIGHT = 1000;
    static final String WEIGHT_WANTED = "a whole number from 0 to " + MAX_WEIGHT;

    /** @throws IllegalArgumentException with a sentence that says what would be right */
    public Failover {
        weights = List.copyOf(weights);
        if (weights.isEmpty() == (selection == Selection.WEIGHTED)) {
            throw new IllegalArgumentException(
                    "The selection is " + selection.word() + ": weights must be given with Weighted, and only then");
        }
        for (int weight : weights) {
            if (weight < 0 || weight > MAX_WEIGHT) {
                throw new IllegalArgumentException("A weight is " + weight + ": it must be " + WEIGHT_WANTED);
            }
        }
        if (!weights.isEmpty() && isAllZero(weights)) {
            throw new IllegalArgumentException("All weights are 0: at least one must be more");
        }
        if (selection == Selection.WEIGHTED && !failback.equals(Failback.IMMEDIATE)) {
            throw new IllegalArgumentException("The failback is " + failback.word() + ": it must be "
                    + Failback.IMMEDIATE_WORD + " with the selection Weighted");
        }
    }

    static boolean isAllZero(List<Integer> weights) {
        return weights.stream().allMatch(weight -> weight == 0);
    }

    /** The defaults for a link with this check. */
    public static Failover of(HealthCheck.Check check) {
        return new Failover(
                DEFAULT_SELECTION,
                List.of(),
                DEFAULT_FAILBACK,
                DEFAULT_EXISTING_CONNECTIONS,
                WhenNoneHealthy.defaultFor(check));
    }

    /** Which of the healthy targets a new connection goes to. */
    public enum Selection implements Word {
        /** The first. */
        FIRST_AVAILABLE("FirstAvailable"),
        /** Any, as often as its weight says. */
        WEIGHTED("Weighted");

        private final String word;

        Selection(String word) {
            this.word = word;
        }

        @Override
        public String word() {
            return word;
        }
    }

    /** What happens to a new connection when no target is healthy. */
    public enum WhenNoneHealthy implements Word {
        /** It is dialled to each target in turn, as if all were healthy. */
        TRY_ALL("TryAll"),
        /** No target is dialled. */
        REFUSE("Refuse");

        private final String word;

        WhenNoneHealthy(String word) {
            this.word = word;
        }

        /**
         * The default: a target that does not accept connections cannot do harm, but one that answers a check with "no" can, such as a
         * replica that is written to.
         */
        public static WhenNoneHealthy defaultFor(HealthCheck.Check check) {
            return check instanceof HealthCheck.Tcp ? TRY_ALL : REFUSE;
        }

        @Override
        public String word() {
            return word;
        }
    }

    /**
     * When new connections go back to a preferred target that is healthy again.
     *
     * @param after how long it must have been healthy; empty: never
     */
    public record Failback(Optional<Duration> after) {
        public static final Failback IMMEDIATE = new Failback(Optional.of(Duration.ZERO));

        /** Only when the target in use is unhealthy. */
        public static final Failback NEVER = new Failback(Optional.empty());

        static final String IMMEDIATE_WORD = "Immediate";
        static final String NEVER_WORD = "Never";
        static final String WANTED = "\"Immediate\", \"Never\", or a duration of at most 24h, such as 5m";

        /** @throws IllegalArgumentException with a sentence that says what would be right */
        public Failback {
            after.filter(duration -> !duration.isZero())
                    .ifPresent(duration -> DurationSyntax.require(duration, "failback"));
        }

        /** Parses {@code Immediate}, {@code Never} or a duration; empty if it is something else. */
        public static Optional<Failback> parse(String text) {
            return switch (text) {
                case IMMEDIATE_WORD -> Optional.of(IMMEDIATE);
                case NEVER_WORD -> Optional.of(NEVER);
                default -> DurationSyntax.parse(text).map(duration -> new Failback(Optional.of(duration)));
            };
        }

        /** As the resource and a link table's JSON have it; {@link #parse} reads it back. */
        public String word() {
            if (after.isEmpty()) {
                return NEVER_WORD;
            }
            return after.get().isZero() ? IMMEDIATE_WORD : DurationSyntax.format(after.get());
        }
    }
}
