package link.ambassador.link;

/** A variable of the environment that a process cannot start with; the message is the sentence for stderr. */
public final class BadSetting extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** Says which variable, what was found in it, and what would be right. */
    public BadSetting(String variable, String found, String wanted) {
        super(variable + " is '" + Shown.text(found) + "': it must be " + wanted);
    }

    public BadSetting(String sentence) {
        super(sentence);
    }
}
