package link.ambassador.operator.status;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.Target;

/**
 * What a retarget changes, for a person: only the links that differ by more than a hold or a preflight.
 *
 * @param from {@code 6379 -> redis-a:6379}; without links that are new
 * @param to {@code 6379 -> redis-b:6379}; without links that are removed
 */
public record RetargetSummary(String from, String to) {
    private static final int LONGEST = 250;

    public static RetargetSummary between(LinkTable before, LinkTable after) {
        return new RetargetSummary(differing(before, after), differing(after, before));
    }

    /** Whether the tables differ in their links by more than that, so that there is something to undo. */
    static boolean isRetarget(LinkTable before, LinkTable after) {
        return !withoutHoldAndPreflight(before).equals(withoutHoldAndPreflight(after));
    }

    private static List<Link> withoutHoldAndPreflight(LinkTable table) {
        return table.links().stream()
                .map(link -> link.toBuilder()
                        .hold(Optional.empty())
                        .preflight(Optional.empty())
                        .build())
                .toList();
    }

    private static String differing(LinkTable table, LinkTable other) {
        var others =
                withoutHoldAndPreflight(other).stream().collect(Collectors.toMap(Link::listen, Function.identity()));
        List<Link> differing = withoutHoldAndPreflight(table).stream()
                .filter(link -> !Objects.equals(link, others.get(link.listen())))
                .toList();
        String text = differing.stream().map(RetargetSummary::text).collect(Collectors.joining(", "));
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }

    private static String text(Link link) {
        return link.listen() + " -> "
                + link.targets().stream().map(Target::toString).collect(Collectors.joining(" "));
    }
}
