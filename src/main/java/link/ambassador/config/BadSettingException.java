package link.ambassador.config;

/** A variable of the environment that a process cannot start with; the message is the sentence for stderr. */
public final class BadSettingException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** Says which variable, what was found in it, and what would be right. */
    public BadSettingException(String variable, String found, String wanted) {
        super(variable + " is '" + Printable.text(found) + "': it must be " + wanted);
    }

    public BadSettingException(String sentence) {
        super(sentence);
    }
}
