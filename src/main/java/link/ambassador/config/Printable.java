package link.ambassador.config;

/**
 * Somebody else's text, made fit for one line of a log, a status or an Event: printable ASCII, and short. Every text that a
 * relay, a pod, a resource or an API server said goes through here before a person sees it.
 */
public final class Printable {
    private static final int MOST = 80;
    private static final int MOST_OF_A_SENTENCE = 500;

    /** Of a text that is shortened anyway no more is looked at. */
    private static final int SCANNED = 4 * MOST_OF_A_SENTENCE;

    private Printable() {}

    /** A word or a value. */
    public static String text(String text) {
        return text(text, MOST);
    }

    /** What somebody else says in sentences, on one line whatever lines it has. */
    public static String sentence(String text) {
        String start = text.length() > SCANNED ? text.substring(0, SCANNED) : text;
        return text(start.strip().replaceAll("\\s+", " "), MOST_OF_A_SENTENCE);
    }

    /** Why something failed: what the failure says, or what it is when it says nothing. */
    public static String sentence(Throwable failure) {
        return sentence(failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage());
    }

    private static String text(String text, int most) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            if (shown.length() >= most) {
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

    /** A message of ours that may be made of many parts: beyond {@code most} characters it ends with "…". */
    public static String cut(String message, int most) {
        if (message.length() <= most) {
            return message;
        }
        int end = Character.isHighSurrogate(message.charAt(most - 2)) ? most - 2 : most - 1;
        return message.substring(0, end) + "…";
    }

    /**
     * A message of ours that may have somebody else's words in it: what could end a line, hide or reorder what a
     * person reads is written out, everything else stays as it is.
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
