package link.ambassador.api.v1alpha1;

/** What the API server says about a name that becomes a Service's or a host's: a label as DNS-1035 has it. */
final class NameRule {
    static final String PATTERN = "^[a-z]([-a-z0-9]*[a-z0-9])?$";
    static final String VALUE = "self.matches('" + PATTERN + "')";
    static final String MESSAGE = "must be lower-case letters, digits and '-', must begin with a letter and end with a"
            + " letter or digit: for example orders-db";
    static final int LONGEST = 63;

    private NameRule() {}
}
