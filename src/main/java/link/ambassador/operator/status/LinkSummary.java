package link.ambassador.operator.status;

import java.util.List;
import java.util.stream.Collectors;
import link.ambassador.config.Link;

/** Links in a few words, for the columns of {@code kubectl get} and for Events. */
public final class LinkSummary {
    private LinkSummary() {}

    /** The ports: {@code 5432} or {@code 5432,6432}. */
    public static String listen(List<Link> links) {
        return links.stream().map(link -> Integer.toString(link.listen())).collect(Collectors.joining(","));
    }

    /**
     * The first target of the first link, whether connections to it have TLS, and the number of all others: {@code pg-a:5432 (TLS) +1}.
     * Empty without links.
     */
    public static String target(List<Link> links) {
        int all = links.stream().mapToInt(link -> link.targets().size()).sum();
        if (all == 0) {
            return "";
        }
        String first =
                links.get(0).targets().get(0) + (links.get(0).upstreamTls().isPresent() ? " (TLS)" : "");
        return all == 1 ? first : first + " +" + (all - 1);
    }
}
