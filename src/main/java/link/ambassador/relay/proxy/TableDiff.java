package link.ambassador.relay.proxy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import link.ambassador.config.Link;

/**
 * The difference between two tables. The listen port identifies a link.
 *
 * @param opened links with a new listen port
 * @param changed links whose port stays and something else differs, as the new table has them
 * @param removed links whose port is gone, as the old table had them
 */
public record TableDiff(List<Link> opened, List<Link> changed, List<Link> removed) {

    public static TableDiff between(List<Link> before, List<Link> after) {
        Map<Integer, Link> left = new HashMap<>();
        before.forEach(link -> left.put(link.listen(), link));
        List<Link> opened = new ArrayList<>();
        List<Link> changed = new ArrayList<>();
        for (Link link : after) {
            Link old = left.remove(link.listen());
            if (old == null) {
                opened.add(link);
            } else if (!old.equals(link)) {
                changed.add(link);
            }
        }
        return new TableDiff(
                opened,
                changed,
                before.stream().filter(link -> left.containsKey(link.listen())).toList());
    }
}
