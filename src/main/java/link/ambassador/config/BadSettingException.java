package link.ambassador.config;

/** An environment variable is invalid, so that the process cannot start. The message is the sentence for stderr. */
public final class BadSettingException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** With a message that says what the variable is and what would be right. */
    public BadSettingException(String variable, String found, String wanted) {
        super(variable + " is '" + Printable.text(found) + "': it must be " + wanted);
    }

    public BadSettingException(String sentence) {
        super(sentence);
    }
}
