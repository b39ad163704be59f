package link.ambassador.link;

/** Somebody else's text, made fit for one line of a log or of a status: printable ASCII, and short. */
public final class Shown {
    private static final int MOST = 80;

    private Shown() {}

    public static String text(String text) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            if (i == MOST) {
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
