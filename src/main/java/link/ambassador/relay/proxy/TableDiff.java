package link.ambassador.relay.proxy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import link.ambassador.config.Link;

/**
 * What differs between two tables; a link is known by its listen port.
 *
 * @param opened links whose port was not listened on
 * @param changed links whose port stays and of which something else differs, as they are to be
 * @param removed links whose port is not listened on any more, as they were
 */
public record TableDiff(List<Link> opened, List<Link> changed, List<Link> removed) {

    /** From what is served to what the new table says. */
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
