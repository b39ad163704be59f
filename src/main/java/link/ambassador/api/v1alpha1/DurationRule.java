package link.ambassador.api.v1alpha1;

/**
 * What the API server says about a duration. The same form as {@code link.DurationSyntax}, as a rule in CEL.
 *
 * <p>Each unit has as many digits as 24 hours of it need, beside leading zeros, so that {@code duration()} cannot
 * overflow: an error inside a rule would replace the sentence.
 */
final class DurationRule {
    /** The form alone. Bounds come behind it, so that {@code duration()} reads nothing else. */
    static final String FORM =
            "self.matches('^(0{0,4}[0-9]{1,8}ms|0{0,7}[0-9]{1,5}s|0{0,8}[0-9]{1,4}m|0{0,10}[0-9]{1,2}h)+$')";

    static final String VALUE = FORM + " && duration(self) > duration('0s') && duration(self) <= duration('24h')";
    static final String MESSAGE = "must be a duration such as 500ms, 30s or 1h30m (units ms, s, m, h; no fractions),"
            + " more than 0, at most 24h";
    static final int LONGEST = 64;

    private DurationRule() {}
}
