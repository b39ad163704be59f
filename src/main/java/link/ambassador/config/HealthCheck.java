package link.ambassador.config;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * How the relay finds out whether a target of a link is healthy. Every real connect counts too.
 *
 * <p>A probe of the target's own port has the link's upstream TLS. A probe of another port has none.
 *
 * @param check what a probe does
 * @param port where; empty: the port of each target
 * @param probing when the relay probes
 * @param interval between two probes of a target, at least {@link #MIN_INTERVAL}
 * @param timeout of one probe, from resolving the name to the last answer
 * @param unhealthyThreshold after how many failures in a row a target is unhealthy, 1 to {@value #MAX_THRESHOLD}
 * @param healthyThreshold after how many good probes in a row it is healthy again, 1 to {@value #MAX_THRESHOLD}
 */
public record HealthCheck(
        Check check,
        OptionalInt port,
        Probing probing,
        Duration interval,
        Duration timeout,
        int unhealthyThreshold,
        int healthyThreshold) {
    public static final Probing DEFAULT_PROBING = Probing.ON_FAILURE;
    public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(2);
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(1);
    public static final int DEFAULT_UNHEALTHY_THRESHOLD = 2;
    public static final int DEFAULT_HEALTHY_THRESHOLD = 1;
    public static final Duration MIN_INTERVAL = Duration.ofMillis(500);
    public static final int MAX_THRESHOLD = 16;

    /** The valid intervals, as the end of a sentence. */
    static final String INTERVAL_WANTED = "a duration of at least 500ms and at most 24h, such as 2s";

    /** The valid thresholds, as the end of a sentence. */
    static final String THRESHOLD_WANTED = "a whole number from 1 to " + MAX_THRESHOLD;

    /** @throws IllegalArgumentException with a sentence that says what would be right */
    public HealthCheck {
        port.ifPresent(number -> Ports.require(number, "The port of a health check"));
        DurationSyntax.require(interval, "The interval of a health check");
        if (interval.compareTo(MIN_INTERVAL) < 0) {
            throw new IllegalArgumentException(
                    "The interval of a health check is " + interval + ": it must be " + INTERVAL_WANTED);
        }
        DurationSyntax.require(timeout, "The timeout of a health check");
        requireThreshold(unhealthyThreshold, "unhealthyThreshold");
        requireThreshold(healthyThreshold, "healthyThreshold");
    }

    private static void requireThreshold(int threshold, String what) {
        if (threshold < 1 || threshold > MAX_THRESHOLD) {
            throw new IllegalArgumentException(what + " is " + threshold + ": it must be " + THRESHOLD_WANTED);
        }
    }

    /** A check with the defaults for all that is not given. */
    public static HealthCheck of(Check check) {
        return new HealthCheck(
                check,
                OptionalInt.empty(),
                DEFAULT_PROBING,
                DEFAULT_INTERVAL,
                DEFAULT_TIMEOUT,
                DEFAULT_UNHEALTHY_THRESHOLD,
                DEFAULT_HEALTHY_THRESHOLD);
    }

    /** The credential that its probes send. */
    public Optional<Credential> credential() {
        return check instanceof Exchange exchange ? exchange.credential() : Optional.empty();
    }

    /** When the relay probes a target. */
    public enum Probing implements Word {
        /** Only when it has a reason: a target failed, a later one is in use, or nothing was checked yet. */
        ON_FAILURE("OnFailure"),
        /** All the time, every relay each target. */
        ALWAYS("Always");

        private final String word;

        Probing(String word) {
            this.word = word;
        }

        @Override
        public String word() {
            return word;
        }
    }

    /** What a probe does. */
    public sealed interface Check {
        /** The word of {@code type} in the resource and in a link table's JSON. */
        String type();
    }

    /** It connects, and makes the TLS handshake if it has TLS. */
    public record Tcp() implements Check {
        static final String TYPE = "TCP";

        @Override
        public String type() {
            return TYPE;
        }
    }

    /**
     * It sends a GET of HTTP/1.1, and looks at the status of the answer.
     *
     * @param path with which it asks, and a query if need be; begins with '/', at most {@value #MAX_PATH} visible ASCII characters
     * @param expectedStatuses those of a healthy target, 1 to {@value #MAX_STATUSES}, each 200 to 599
     */
    public record Http(String path, List<Integer> expectedStatuses) implements Check {
        public static final List<Integer> DEFAULT_EXPECTED_STATUSES = List.of(200);
        public static final int MAX_STATUSES = 16;
        public static final int MIN_STATUS = 200;
        public static final int MAX_STATUS = 599;
        static final String TYPE = "HTTP";
        static final int MAX_PATH = 1024;
        static final String PATH_WANTED = "a path that begins with '/', at most " + MAX_PATH
                + " visible ASCII characters and without '#', such as /primary";
        static final String STATUSES_WANTED = "an array of 1 to " + MAX_STATUSES + " statuses";
        static final String STATUS_WANTED = "a whole number from " + MIN_STATUS + " to " + MAX_STATUS;
        static final String PATH_PATTERN = "^/[!-\"$-~]{0,1023}$";
        private static final Pattern PATH = Pattern.compile(PATH_PATTERN);

        /** @throws IllegalArgumentException with a sentence that says what would be right */
        public Http {
            if (!isPath(path)) {
                throw new IllegalArgumentException(
                        "The path of a health check is '" + Printable.text(path) + "': it must be " + PATH_WANTED);
            }
            expectedStatuses = List.copyOf(expectedStatuses);
            if (expectedStatuses.isEmpty() || expectedStatuses.size() > MAX_STATUSES) {
                throw new IllegalArgumentException("A health check has " + expectedStatuses.size()
                        + " expectedStatuses: it must be " + STATUSES_WANTED);
            }
            for (int status : expectedStatuses) {
                if (status < MIN_STATUS || status > MAX_STATUS) {
                    throw new IllegalArgumentException(
                            "An expected status is " + status + ": it must be " + STATUS_WANTED);
                }
            }
        }

        static boolean isPath(String text) {
            return PATH.matcher(text).matches();
        }

        @Override
        public String type() {
            return TYPE;
        }
    }

    /**
     * It sends texts and looks for texts in the answers, one after the other on one connection.
     *
     * @param steps 1 to {@value #MAX_STEPS}
     * @param credential replaces {@code %s} in what is sent; present exactly when a step has one
     */
    public record Exchange(List<Step> steps, Optional<Credential> credential) implements Check {
        public static final int MAX_STEPS = 4;

        /** What the credential replaces. */
        public static final String PLACEHOLDER = "%s";

        static final String TYPE = "Exchange";
        static final String STEPS_WANTED = "an array of 1 to " + MAX_STEPS + " steps";

        /** @throws IllegalArgumentException with a sentence that says what would be right */
        public Exchange {
            steps = List.copyOf(steps);
            if (steps.isEmpty() || steps.size() > MAX_STEPS) {
                throw new IllegalArgumentException(
                        "A health check has " + steps.size() + " steps: it must be " + STEPS_WANTED);
            }
            if (credential.isPresent() != wantsCredential(steps)) {
                throw new IllegalArgumentException("A health check has "
                        + (credential.isPresent() ? "a credential and no %s" : "%s and no credential")
                        + " in what it sends: it must have both or neither");
            }
        }

        static boolean wantsCredential(List<Step> steps) {
            return steps.stream().anyMatch(step -> step.send().contains(PLACEHOLDER));
        }

        @Override
        public String type() {
            return TYPE;
        }
    }

    /**
     * A step of an exchange.
     *
     * @param send in UTF-8 at most {@value #MAX_BYTES} bytes; empty when the target speaks first
     * @param expect in UTF-8 1 to {@value #MAX_BYTES} bytes, which must come within the first {@value #MAX_ANSWER_BYTES} bytes of the answer
     */
    public record Step(String send, String expect) {
        public static final int MAX_BYTES = 256;
        public static final int MAX_ANSWER_BYTES = 4096;
        static final String SEND_WANTED = "a text of at most " + MAX_BYTES + " bytes, such as \"PING\\r\\n\"";
        static final String EXPECT_WANTED = "a text of 1 to " + MAX_BYTES + " bytes, such as \"+PONG\"";

        /** @throws IllegalArgumentException with a sentence that says what would be right */
        public Step {
            if (!isSend(send)) {
                throw new IllegalArgumentException("What a health check sends must be " + SEND_WANTED);
            }
            if (!isExpect(expect)) {
                throw new IllegalArgumentException("What a health check expects must be " + EXPECT_WANTED);
            }
        }

        static boolean isSend(String text) {
            return text.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
        }

        static boolean isExpect(String text) {
            return !text.isEmpty() && text.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
        }
    }
}
