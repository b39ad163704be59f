package link.ambassador.link;

/** Somebody else's text, made fit for one line of a log or of a status: printable ASCII, and short. */
public final class Shown {
    private static final int MOST = 80;
    private static final int MOST_OF_A_SENTENCE = 500;

    /** Of a text that is shortened anyway no more is looked at. */
    private static final int SCANNED = 4 * MOST_OF_A_SENTENCE;

    private Shown() {}

    public static String text(String text) {
        return text(text, MOST);
    }

    /** What somebody else says in sentences, on one line whatever lines it has. */
    public static String sentence(String text) {
        String start = text.length() > SCANNED ? text.substring(0, SCANNED) : text;
        return text(start.strip().replaceAll("\\s+", " "), MOST_OF_A_SENTENCE);
    }

    private static String text(String text, int most) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            if (i == most) {
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
}
