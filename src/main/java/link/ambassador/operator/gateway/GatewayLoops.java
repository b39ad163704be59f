package link.ambassador.operator.gateway;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import link.ambassador.config.Link;
import link.ambassador.config.Target;

/** Whether a target of a gateway leads back to it, so that its relays would dial themselves in a storm. */
public final class GatewayLoops {
    private static final int MOST_PLACES = 10;

    private GatewayLoops() {}

    /**
     * What was found of a gateway.
     *
     * @param refusal why it must not be served; empty when it may
     * @param restsOn the uids of the gateways that this rests on: as long as none of them, and no new one, is allowed to serve
     *     something else, it holds
     */
    public record Judgement(Optional<String> refusal, Set<String> restsOn) {}

    /**
     * Why what {@code own} asks for must not be served ({@code TargetIsSelf}): a sentence with the link, the target and
     * the way around. It takes one look at every target of the gateways that {@code own} leads to.
     *
     * <p>Of several gateways that lead to each other one is refused, and each finds by itself which it is.
     *
     * @param others the other gateways of the cluster, as far as this operator sees them
     * @param clusterDomain such as {@code cluster.local}
     */
    public static Judgement judge(Gateway own, Collection<Gateway> others, String clusterDomain) {
        List<Gateway> all = new ArrayList<>(List.of(own));
        others.stream()
                .sorted(Comparator.comparing(Gateway::createdAt).thenComparing(Gateway::uid))
                .forEach(all::add);
        GatewayHosts hosts = new GatewayHosts(all, clusterDomain);
        LoopSearch cycles = new LoopSearch(own, hosts);
        Optional<String> refusal = own.asked().stream()
                .flatMap(link -> link.targets().stream().map(target -> refusal(own, hosts, cycles, link, target)))
                .flatMap(Optional::stream)
                .findFirst();
        return new Judgement(refusal, hosts.foundUids());
    }

    /** Of a long one its first half and its last: those who can mend it are at its ends. */
    private static String shown(List<String> circle) {
        int left = circle.size() - MOST_PLACES;
        if (left <= 0) {
            return String.join(" -> ", circle);
        }
        int half = MOST_PLACES / 2;
        return String.join(" -> ", circle.subList(0, half))
                + " -> (" + left + " more) -> "
                + String.join(" -> ", circle.subList(half + left, circle.size()));
    }

    private static Optional<String> refusal(
            Gateway own, GatewayHosts hosts, LoopSearch cycles, Link link, Target target) {
        String which = "Link " + link.listen() + ": the target " + target + " is ";
        if (GatewayHosts.isLoopback(target.host())) {
            return Optional.of(which + "the relay's own pod, where only the relay runs."
                    + " Use the Service or host that the connections are for.");
        }
        Optional<Gateway> found = hosts.find(target.host(), own.namespace());
        if (found.isPresent() && found.get().uid().equals(own.uid())) {
            return Optional.of(which + "this Ambassador's own Service, so its relays would dial themselves."
                    + " Use the target behind it, or rename the gateway's Service with"
                    + " spec.placement.gateway.service.name.");
        }
        return cycles.lostThrough(link, target)
                .map(circle -> which + "part of a loop: "
                        + shown(circle.stream().map(Object::toString).toList())
                        + ". Change one of these targets.");
    }
}
