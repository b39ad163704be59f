package link.ambassador.model;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import link.ambassador.config.Feature;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.LinkTableWriter;
import link.ambassador.config.Source;

/**
 * The table of one pod's sidecar: the links of all Ambassadors that select the pod, those of the older Ambassador first.
 *
 * <p>The operator keeps one for each pod, so nothing in it grows with the number of Ambassadors.
 *
 * @param table with its revision and its sources; without links when nothing selects the pod
 * @param leftOut the links of the {@value #MOST_AMBASSADORS} oldest Ambassadors that are not in the table
 * @param youngest the youngest of those; empty when no more Ambassadors select the pod
 */
public record PodTable(LinkTable table, List<LeftOut> leftOut, Optional<SidecarAmbassador> youngest) {
    /** The largest table, in bytes of JSON. All annotations of a pod together may have 256 KiB. */
    public static final int MOST_BYTES = 64 * 1024;

    /**
     * A pod serves the links of so many Ambassadors, the oldest. A table with one link of each has a tenth of the bytes that are
     * allowed, and takes a few milliseconds to make.
     */
    public static final int MOST_AMBASSADORS = 64;

    /** Why a link is not in the table of a pod that the link's Ambassador selects. */
    public enum Why {
        /** An older Ambassador listens on its port there. */
        CONFLICT,
        /** The table would be too large for an annotation; the newest links are left out first. */
        TABLE_TOO_LARGE,
        /** The table has no room for the new targets beside the former ones, so the relay cannot dial them before: the link stays as it was. */
        CANDIDATE_TOO_LARGE,
        /** The pod's relay lacks a feature that the link requires. If it serves the link already, it serves it as it was. */
        RELAY_TOO_OLD,
        /** The pod was created without a credential that the link names. If it serves the link already, it serves it as it was. */
        CREDENTIAL_MISSING,
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

    /** @param link empty for one that cannot be served, and keeps its port */
    private record Claim(SidecarAmbassador by, Optional<Link> link) {}

    /**
     * The table of a pod.
     *
     * @param inItsNamespace every Ambassador with sidecars of the pod's namespace
     * @param relay the pod's, with the table that it has now. While an Ambassador that selects the pod is not understood, links that no
     *     other Ambassador claims stay in the table, because they may be its links
     * @param mostBytes how large the table's JSON may be
     */
    public static PodTable of(
            Map<String, String> podLabels,
            Collection<SidecarAmbassador> inItsNamespace,
            OlderRelay relay,
            int mostBytes) {
        Optional<LinkTable> current = relay.current();
        List<SidecarAmbassador> all = inItsNamespace.stream()
                .filter(ambassador -> ambassador.selects(podLabels))
                .sorted(SidecarAmbassador.BY_AGE)
                .toList();
        Optional<SidecarAmbassador> youngest =
                all.size() > MOST_AMBASSADORS ? Optional.of(all.get(MOST_AMBASSADORS - 1)) : Optional.empty();
        List<SidecarAmbassador> selecting = all.subList(0, Math.min(all.size(), MOST_AMBASSADORS));
        Map<Integer, Claim> claims = new LinkedHashMap<>();
        List<LeftOut> leftOut = new ArrayList<>();
        List<Source> sources = new ArrayList<>();
        boolean allUnderstood = true;
        for (SidecarAmbassador ambassador : selecting) {
            if (ambassador.outcome() instanceof TableOutcome.Table desired) {
                sources.addAll(desired.table().sources());
                for (Link link : desired.table().links()) {
                    Claim holder = claims.putIfAbsent(link.listen(), new Claim(ambassador, Optional.of(link)));
                    if (holder != null) {
                        leftOut.add(new LeftOut(
                                ambassador,
                                link,
                                Why.CONFLICT,
                                Optional.of(holder.by().name())));
                    }
                }
                for (UnresolvedLink link : desired.unresolved()) {
                    claims.putIfAbsent(link.listen(), new Claim(ambassador, link.in(current)));
                }
            } else {
                allUnderstood = false;
            }
        }
        List<Served> served = new ArrayList<>();
        for (Claim claim : claims.values()) {
            claim.link()
                    .filter(link -> !relay.knows(link))
                    .ifPresent(link -> leftOut.add(new LeftOut(
                            claim.by(),
                            link,
                            relay.features().containsAll(link.features()) ? Why.CREDENTIAL_MISSING : Why.RELAY_TOO_OLD,
                            Optional.empty())));
            claim.link().flatMap(relay::served).ifPresent(link -> served.add(new Served(claim.by(), link)));
        }
        List<Link> kept = allUnderstood
                ? List.of()
                : current.map(LinkTable::links).orElse(List.of()).stream()
                        .filter(link -> !claims.containsKey(link.listen()))
                        .toList();
        Fitted fitted = fitted(served, kept, sources, mostBytes);
        leftOut.addAll(fitted.leftOut());
        return new PodTable(fitted.table(), List.copyOf(leftOut), youngest);
    }

    /** The table as JSON, for the annotation {@link link.ambassador.config.Annotations#LINKS}; made at each call. */
    public String json() {
        return new String(LinkTableWriter.write(table), StandardCharsets.UTF_8);
    }

    /** Whether {@code ambassador} selects the pod and gives it no link, because {@value #MOST_AMBASSADORS} older ones do. */
    public boolean isBeyond(SidecarAmbassador ambassador) {
        return youngest.filter(last -> SidecarAmbassador.BY_AGE.compare(ambassador, last) > 0)
                .isPresent();
    }

    /** The links that {@code ambassador}, which selects the pod, has and that are not in the table. */
    public Stream<LeftOut> leftOut(SidecarAmbassador ambassador) {
        if (!isBeyond(ambassador)) {
            return leftOut.stream().filter(left -> left.by().uid().equals(ambassador.uid()));
        }
        return ambassador.outcome() instanceof TableOutcome.Table desired
                ? desired.table().links().stream()
                        .map(link -> new LeftOut(ambassador, link, Why.TOO_MANY_AMBASSADORS, Optional.empty()))
                : Stream.empty();
    }

    private record Served(SidecarAmbassador by, Link link) {}

    private record Fitted(LinkTable table, List<LeftOut> leftOut) {}

    /** The oldest claims that fit. Each link is written once, to know its size. */
    private static Fitted fitted(List<Served> claims, List<Link> kept, List<Source> sources, int mostBytes) {
        List<Link> links = new ArrayList<>(kept);
        PodTrust trust = PodTrust.of(kept);
        int bytes = LinkTableWriter.write(table(kept, sources)).length
                + bytesOfRequires(claims.stream().map(Served::link).toList());
        int count = 0;
        while (count < claims.size()) {
            Link next = withoutCandidate(claims.get(count).link());
            bytes += LinkTableWriter.write(next).length + (links.isEmpty() ? 0 : 1) + trust.bytesOfNew(next);
            if (bytes > mostBytes || !trust.add(next)) {
                break;
            }
            links.add(next);
            count++;
        }
        List<LeftOut> leftOut = new ArrayList<>();
        for (int newest = claims.size() - 1; newest >= count; newest--) {
            Served claim = claims.get(newest);
            leftOut.add(new LeftOut(claim.by(), claim.link(), Why.TABLE_TOO_LARGE, Optional.empty()));
        }
        // Last, because what relays serve goes before what they may serve later.
        for (int i = 0; i < count; i++) {
            Served claim = claims.get(i);
            Link whole = claim.link();
            if (whole.candidate().isPresent()) {
                int at = kept.size() + i;
                int more = LinkTableWriter.write(whole).length
                        - LinkTableWriter.write(links.get(at)).length
                        + trust.bytesOfNew(whole);
                if (bytes + more <= mostBytes && trust.add(whole)) {
                    bytes += more;
                    links.set(at, whole);
                } else {
                    leftOut.add(new LeftOut(claim.by(), whole, Why.CANDIDATE_TOO_LARGE, Optional.empty()));
                }
            }
        }
        return new Fitted(table(links, sources), leftOut);
    }

    private static Link withoutCandidate(Link link) {
        return link.candidate().isPresent()
                ? link.toBuilder().preflight(Optional.empty()).build()
                : link;
    }

    /** At most so many: {@code "requires":["hold/1"],} */
    private static int bytesOfRequires(List<Link> links) {
        // Not of a table of them, which may be too large to be one.
        Set<Feature> required = EnumSet.noneOf(Feature.class);
        links.forEach(link -> required.addAll(link.features()));
        return required.isEmpty()
                ? 0
                : 14 + 2 * required.size() + Feature.words(required).length();
    }

    private static LinkTable table(List<Link> links, List<Source> sources) {
        return new LinkTable(Optional.of(DesiredTable.revision(links)), sources, links);
    }
}
