package link.ambassador.config;

/**
 * Makes foreign text fit for one line of a log, a status or an Event: printable ASCII, and short. Every text from a
 * relay, a pod, a resource or an API server goes through here before a person sees it.
 */
public final class Printable {
    private static final int MAX_VALUE = 80;
    private static final int MAX_SENTENCE = 500;

    /** How much of a text is read that is shortened anyway. */
    private static final int MAX_SCANNED = 4 * MAX_SENTENCE;

    private Printable() {}

    /** A word or a value. */
    public static String text(String text) {
        return text(text, MAX_VALUE);
    }

    /** Sentences, put on one line. */
    public static String sentence(String text) {
        String start = text.length() > MAX_SCANNED ? text.substring(0, MAX_SCANNED) : text;
        return text(start.strip().replaceAll("\\s+", " "), MAX_SENTENCE);
    }

    /** Why something failed: the message of the failure, or its type if it has none. */
    public static String sentence(Throwable failure) {
        return sentence(failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage());
    }

    private static String text(String text, int maxLength) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            if (shown.length() >= maxLength) {
                return shown.append("…").toString();
            }
            char c = text.charAt(i);
            if (c >= ' ' && c <= '~') {
                shown.append(c);
            } else {
                shown.append(String.format("\\u%04x", (int) c));
            }
        }
        return shown.toString();
    }

    /** Shortens a message of this project to {@code maxLength} characters; it then ends with "…". */
    public static String cut(String message, int maxLength) {
        if (message.length() <= maxLength) {
            return message;
        }
        int end = Character.isHighSurrogate(message.charAt(maxLength - 2)) ? maxLength - 2 : maxLength - 1;
        return message.substring(0, end) + "…";
    }

    /**
     * Cleans a message of this project that may contain foreign text. It escapes the characters that end a line, are
     * invisible or reorder text, and keeps all others.
     */
    public static String line(String message) {
        StringBuilder shown = null;
        for (int i = 0; i < message.length(); i++) {
            char c = message.charAt(i);
            int type = Character.getType(c);
            boolean hides = Character.isISOControl(c)
                    || type == Character.FORMAT
                    || type == Character.LINE_SEPARATOR
                    || type == Character.PARAGRAPH_SEPARATOR;
            if (hides && shown == null) {
                shown = new StringBuilder(message.substring(0, i));
            }
            if (shown != null) {
                shown.append(hides ? String.format("\\u%04x", (int) c) : String.valueOf(c));
            }
        }
        return shown == null ? message : shown.toString();
    }
}
