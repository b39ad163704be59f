package link.ambassador.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import link.ambassador.config.Link;
import link.ambassador.config.Target;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The rule of circles against one that looks at every circle there is. */
class LoopSearchPropertiesTest {
    private static final List<String> NAMES = List.of("a", "b", "c", "d");
    private static final List<Integer> PORTS = List.of(1, 2);
    private static final Comparator<Gateway> BY_AGE =
            Comparator.comparing(Gateway::createdAt).thenComparing(Gateway::uid);

    /** From a place, written {@code name:port}, to another; pending while its gateway does not serve it. */
    private record Step(String from, String to, boolean pending) {
        String gateway() {
            return from.substring(0, from.indexOf(':'));
        }
    }

    @Property(tries = 2000)
    void aGatewayIsRefusedExactlyWhenItLosesACircle(@ForAll("scenes") List<Gateway> scene) {
        for (Gateway own : scene) {
            assertThat(isRefused(own, scene))
                    .as(own.name())
                    .isEqualTo(circles(own, scene).stream()
                            .anyMatch(circle -> loser(circle, scene).equals(own.name())));
        }
    }

    /** When all specs that are not refused are served, nothing goes round, whatever was served before. */
    @Property(tries = 1000)
    void whatIsNotRefusedServesNoCircle(@ForAll("scenes") List<Gateway> scene) {
        List<Gateway> served = new ArrayList<>();
        for (Gateway own : scene) {
            served.add(own.with(List.of(), isRefused(own, scene) ? List.of() : own.desired()));
        }
        for (Gateway own : served) {
            assertThat(circles(own.with(own.applied(), own.applied()), served)).isEmpty();
        }
    }

    private static boolean isRefused(Gateway own, List<Gateway> scene) {
        List<Gateway> others =
                scene.stream().filter(other -> !other.uid().equals(own.uid())).toList();
        return GatewayLoops.judge(own, others, "cluster.local").refusal().isPresent();
    }

    private static String loser(List<Step> circle, List<Gateway> scene) {
        Set<String> pending =
                circle.stream().filter(Step::pending).map(Step::gateway).collect(Collectors.toSet());
        Set<String> candidates =
                pending.isEmpty() ? circle.stream().map(Step::gateway).collect(Collectors.toSet()) : pending;
        return scene.stream()
                .filter(gateway -> candidates.contains(gateway.name()))
                .max(BY_AGE)
                .orElseThrow()
                .name();
    }

    /** Every circle through {@code own} that passes no place twice. */
    private static List<List<Step>> circles(Gateway own, List<Gateway> scene) {
        Set<String> places = new LinkedHashSet<>();
        for (Gateway gateway : scene) {
            Stream.concat(gateway.desired().stream(), gateway.applied().stream())
                    .forEach(link -> places.add(gateway.name() + ":" + link.listen()));
        }
        Map<String, List<Step>> steps = new TreeMap<>();
        for (Gateway gateway : scene) {
            boolean judged = gateway.uid().equals(own.uid());
            Set<Step> served = steps(gateway, gateway.applied());
            Set<Step> all = new LinkedHashSet<>(judged ? Set.of() : served);
            all.addAll(steps(gateway, judged ? own.desired() : gateway.desired()));
            for (Step step : all) {
                if (places.contains(step.to())) {
                    steps.computeIfAbsent(step.from(), place -> new ArrayList<>())
                            .add(new Step(step.from(), step.to(), !served.contains(step)));
                }
            }
        }
        List<List<Step>> circles = new ArrayList<>();
        for (int port : PORTS) {
            walk(own.name() + ":" + port, own.name() + ":" + port, List.of(), steps, circles);
        }
        return circles;
    }

    private static Set<Step> steps(Gateway gateway, List<Link> links) {
        Set<Step> steps = new LinkedHashSet<>();
        for (Link link : links) {
            for (Target target : link.targets()) {
                steps.add(new Step(gateway.name() + ":" + link.listen(), target.host() + ":" + target.port(), false));
            }
        }
        return steps;
    }

    private static void walk(
            String start, String at, List<Step> walked, Map<String, List<Step>> steps, List<List<Step>> circles) {
        for (Step step : steps.getOrDefault(at, List.of())) {
            List<Step> further = new ArrayList<>(walked);
            further.add(step);
            if (step.to().equals(start)) {
                circles.add(further);
            } else if (walked.stream().noneMatch(earlier -> earlier.from().equals(step.to()))) {
                walk(start, step.to(), further, steps, circles);
            }
        }
    }

    @Provide
    Arbitrary<List<Gateway>> scenes() {
        List<Arbitrary<Gateway>> gateways =
                NAMES.stream().map(name -> gateway(name)).toList();
        return Combinators.combine(gateways).as(made -> made);
    }

    /** None of them targets its own Service: that is another rule. */
    private static Arbitrary<Gateway> gateway(String name) {
        List<String> hosts = Stream.concat(NAMES.stream().filter(other -> !other.equals(name)), Stream.of("outside"))
                .toList();
        Arbitrary<Target> target = Combinators.combine(Arbitraries.of(hosts), Arbitraries.of(PORTS))
                .as(Target::new);
        Arbitrary<Link> link = Combinators.combine(
                        Arbitraries.of(PORTS), target.list().ofMinSize(1).ofMaxSize(2))
                .as((listen, targets) -> Link.of("x", listen, targets));
        Arbitrary<List<Link>> links = link.list().ofMaxSize(2).uniqueElements(Link::listen);
        return Combinators.combine(Arbitraries.integers().between(1, 3), links, links)
                .as((age, asked, applied) -> new Gateway(
                        "shop", name, Instant.ofEpochSecond(age), "uid-" + name, name, Set.of(), asked, applied));
    }
}
