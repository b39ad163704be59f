package link.ambassador.webhook.serving;

/**
 * A warning as kubectl shows it: one line of at most 120 characters.
 *
 * @see <a
 *     href="https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response">Response</a>
 */
final class Warning {
    private static final int MOST = 120;

    private Warning() {}

    /** The sentence on one line; if it is too long, it is cut after a word, and ends with "…". */
    static String cut(String sentence) {
        String line = sentence.strip().replaceAll("[\\s\\p{Cntrl}]+", " ");
        if (line.length() <= MOST) {
            return line;
        }
        int space = line.lastIndexOf(' ', MOST - 1);
        int end = space > MOST / 2 ? space : MOST - 1;
        if (Character.isHighSurrogate(line.charAt(end - 1))) {
            end--;
        }
        return line.substring(0, end) + "…";
    }
}
