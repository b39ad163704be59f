package link.ambassador.tables;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import link.ambassador.link.Link;
import link.ambassador.link.LinkTable;
import link.ambassador.link.LinkTableWriter;
import link.ambassador.link.Source;

/**
 * The table of one pod's sidecar: the links of all Ambassadors that select the pod, the older Ambassador's first.
 *
 * @param table with its revision and its sources; without links when nothing selects the pod
 * @param json the table as the annotation {@link link.ambassador.link.Annotations#LINKS} has it
 * @param leftOut the links that are asked for and are not in the table
 */
public record PodTable(LinkTable table, String json, List<LeftOut> leftOut) {
    /** What fits into an annotation, in bytes of JSON. All annotations of a pod together may have 256 KiB. */
    public static final int MOST_BYTES = 64 * 1024;

    /**
     * How many Ambassadors a pod may be selected by; it serves the oldest. A table with a link of each has a tenth of what may be
     * said, and what it takes to make one stays some milliseconds.
     */
    public static final int MOST_AMBASSADORS = 64;

    /** Why a link is not in the table of a pod that its Ambassador selects. */
    public enum Why {
        /** An older Ambassador listens on its port there. */
        CONFLICT,
        /** The table would be larger than an annotation may be; the newest links go first. */
        TABLE_TOO_LARGE,
        /** {@link #MOST_AMBASSADORS} older ones select the pod. */
        TOO_MANY_AMBASSADORS
    }

    /**
     * A link that is not in the table.
     *
     * @param by the Ambassador that asks for it
     * @param holder the name of the Ambassador that has the port; empty unless it is a conflict
     */
    public record LeftOut(SidecarAmbassador by, Link link, Why why, Optional<String> holder) {}

    private record Claim(SidecarAmbassador by, Link link) {}

    /**
     * The table of a pod.
     *
     * @param podLabels the pod's
     * @param inItsNamespace every Ambassador with sidecars of the pod's namespace
     * @param current the table that the pod has now. An Ambassador that cannot be understood may have links in it: so while
     *     there is one, links that nobody else claims stay as they are
     * @param mostBytes the room there is for the table's JSON
     */
    public static PodTable of(
            Map<String, String> podLabels,
            Collection<SidecarAmbassador> inItsNamespace,
            Optional<LinkTable> current,
            int mostBytes) {
        List<SidecarAmbassador> all = inItsNamespace.stream()
                .filter(ambassador -> ambassador.selects(podLabels))
                .sorted(SidecarAmbassador.BY_AGE)
                .toList();
        List<SidecarAmbassador> selecting = all.subList(0, Math.min(all.size(), MOST_AMBASSADORS));
        Map<Integer, Claim> claims = new LinkedHashMap<>();
        List<LeftOut> leftOut = new ArrayList<>();
        List<Source> sources = new ArrayList<>();
        boolean allUnderstood = true;
        for (SidecarAmbassador ambassador : selecting) {
            if (ambassador.outcome() instanceof TableOutcome.Table asked) {
                sources.addAll(asked.table().sources());
                for (Link link : asked.table().links()) {
                    Claim holder = claims.putIfAbsent(link.listen(), new Claim(ambassador, link));
                    if (holder != null) {
                        leftOut.add(new LeftOut(
                                ambassador,
                                link,
                                Why.CONFLICT,
                                Optional.of(holder.by().name())));
                    }
                }
            } else {
                allUnderstood = false;
            }
        }
        List<Link> kept = allUnderstood
                ? List.of()
                : current.map(LinkTable::links).orElse(List.of()).stream()
                        .filter(link -> !claims.containsKey(link.listen()))
                        .toList();
        for (SidecarAmbassador ambassador : all.subList(selecting.size(), all.size())) {
            if (ambassador.outcome() instanceof TableOutcome.Table asked) {
                asked.table()
                        .links()
                        .forEach(link ->
                                leftOut.add(new LeftOut(ambassador, link, Why.TOO_MANY_AMBASSADORS, Optional.empty())));
            }
        }
        return fitted(List.copyOf(claims.values()), kept, sources, leftOut, mostBytes);
    }

    /** The oldest claims that fit; each link is written once to know its size. */
    private static PodTable fitted(
            List<Claim> claims, List<Link> kept, List<Source> sources, List<LeftOut> leftOut, int mostBytes) {
        List<Link> links = new ArrayList<>(kept);
        int bytes = LinkTableWriter.write(table(kept, sources)).length;
        int count = 0;
        while (count < claims.size()) {
            Link next = claims.get(count).link();
            bytes += LinkTableWriter.write(next).length + (links.isEmpty() ? 0 : 1);
            if (bytes > mostBytes) {
                break;
            }
            links.add(next);
            count++;
        }
        List<LeftOut> all = new ArrayList<>(leftOut);
        for (int newest = claims.size() - 1; newest >= count; newest--) {
            Claim claim = claims.get(newest);
            all.add(new LeftOut(claim.by(), claim.link(), Why.TABLE_TOO_LARGE, Optional.empty()));
        }
        LinkTable table = table(links, sources);
        return new PodTable(table, new String(LinkTableWriter.write(table), StandardCharsets.UTF_8), all);
    }

    private static LinkTable table(List<Link> links, List<Source> sources) {
        return new LinkTable(Optional.of(DesiredTable.revision(links)), sources, links);
    }
}
