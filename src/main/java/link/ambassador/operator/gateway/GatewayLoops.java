package link.ambassador.operator.gateway;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import link.ambassador.config.Link;
import link.ambassador.config.Target;

/** Whether a target of a gateway leads back to it, so that its relays would dial themselves without end. */
public final class GatewayLoops {
    private static final int MOST_PLACES = 10;

    private GatewayLoops() {}

    /**
     * Whether a gateway may be served.
     *
     * @param refusal why it must not be served; empty when it may be
     * @param dependsOn the uids of the gateways that this depends on: it stays valid until one of them, or a new gateway, is allowed
     *     to serve something else
     */
    public record Judgement(Optional<String> refusal, Set<String> dependsOn) {}

    /**
     * Judges what {@code own} asks for. A refusal ({@code TargetIsSelf}) is a sentence with the link, the target and the loop. Every
     * target of the gateways that {@code own} leads to is looked at once.
     *
     * <p>If several gateways lead to each other, one of them is refused, and each of them comes to the same result by itself.
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
        LoopSearch loops = new LoopSearch(own, hosts);
        Optional<String> refusal = own.desired().stream()
                .flatMap(link -> link.targets().stream().map(target -> refusal(own, hosts, loops, link, target)))
                .flatMap(Optional::stream)
                .findFirst();
        return new Judgement(refusal, hosts.foundUids());
    }

    /** A long loop without its middle: the users who can change it are at its ends. */
    private static String shown(List<String> loop) {
        int left = loop.size() - MOST_PLACES;
        if (left <= 0) {
            return String.join(" -> ", loop);
        }
        int half = MOST_PLACES / 2;
        return String.join(" -> ", loop.subList(0, half))
                + " -> (" + left + " more) -> "
                + String.join(" -> ", loop.subList(half + left, loop.size()));
    }

    private static Optional<String> refusal(
            Gateway own, GatewayHosts hosts, LoopSearch loops, Link link, Target target) {
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
        return loops.lostThrough(link, target)
                .map(loop -> which + "part of a loop: "
                        + shown(loop.stream().map(Object::toString).toList())
                        + ". Change one of these targets.");
    }
}
