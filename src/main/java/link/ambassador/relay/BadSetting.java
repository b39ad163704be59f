package link.ambassador.relay;

import link.ambassador.link.Shown;

/** A variable of the environment that the relay cannot start with; the message is the sentence for stderr. */
final class BadSetting extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    BadSetting(String variable, String found, String wanted) {
        super(variable + " is '" + Shown.text(found) + "': it must be " + wanted);
    }

    BadSetting(String sentence) {
        super(sentence);
    }
}
