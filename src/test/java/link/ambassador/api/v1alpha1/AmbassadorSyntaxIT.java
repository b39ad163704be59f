package link.ambassador.api.v1alpha1;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import link.ambassador.config.DurationSyntax;
import link.ambassador.config.HostSyntax;
import link.ambassador.kubernetes.AmbassadorCrds;
import link.ambassador.kubernetes.ApiServer;
import link.ambassador.kubernetes.Namespaces;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The API server takes exactly the hosts and durations that a relay reads: what it let through would stop a table. */
@ExtendWith(ApiServer.class)
class AmbassadorSyntaxIT {
    private static final long SEED = 20261125;
    private static final int PER_OBJECT = 16;
    private static final List<String> HOST_PARTS = words(
            """
            0 1 01 25 255 256 999 a ffff FFFF fFfF fffff fe80 12345 redis my_redis x- -x é %eth0 [ ] / . . . . .. : : : : \
            :: ::""");
    private static final List<String> DURATION_PARTS = words(
            "1ms 5s 59m 1h 11h 12h 24h 0s 00 1 9 000000001s 720m 43200s 43199999ms 99999999999h ms s m h us . - H");

    private static String namespace;

    @BeforeAll
    static void install(KubernetesClient kubernetes) {
        AmbassadorCrds.install(kubernetes);
        namespace = Namespaces.create(kubernetes, "ambassador-syntax-it");
    }

    @Test
    void hostsAreThoseOfHostSyntax(KubernetesClient kubernetes) {
        String longest = "a".repeat(63) + "." + "b".repeat(63) + "." + "c".repeat(63) + "." + "d".repeat(61);
        List<String> hosts = words(
                """
                192.168.1.52 0.0.0.0 255.255.255.255 1.2.3 1.2.3.4. 1.2.3.4.5 0x7f.1 1 a.1 a.1. a.0x1 1a ffff.1
                :: ::1 1:: 1:2:3:4:5:6:7:8 1:2:3:4:5:6:7:: ::2:3:4:5:6:7:8 1:2:3:4:5:6:7:8:: 1::2::3 :1 1: : ::: [::1]
                1:2:3:4:5:6:1.2.3.4 1:2:3:4:5:6:7:1.2.3.4 ::1.2.3.4 ::ffff:1.2.3.4 ::FFFF:1.2.3.4 ::ffff:102:304
                ::ffff:1.2.3.256 1.2.3.4:: ::1.2.3.4:5 0:0:0:0:0:ffff:1.2.3.4 fe80::1%eth0 ::ffff:1.2.3.4%1
                a A.B a. .a a..b a.. _x._tcp -a a- a/b http://a é xn--9ca localhost ffff""");
        hosts.addAll(List.of(longest, longest + ".", longest + "d", "a b", "a\tb", "a\n", "\na"));
        hosts.addAll(List.of("a".repeat(63) + ".b", "a".repeat(64) + ".b"));
        hosts.addAll(combined(HOST_PARTS, 7, 254, 1600));

        Map<String, Boolean> accepted = acceptedHosts(kubernetes, hosts);
        // Alone, because what is too long keeps the server from looking at the rest of the object.
        accepted.putAll(acceptedHosts(kubernetes, List.of(longest + "d.")));
        hosts.add(longest + "d.");

        assertThat(accepted).isEqualTo(by(HostSyntax::isHost, hosts));
        assertThat(accepted.values().stream().filter(taken -> taken).count()).isGreaterThan(100);
    }

    @Test
    void durationsAreThoseOfDurationSyntax(KubernetesClient kubernetes) {
        List<String> durations = words(
                """
                1ms 0ms 0s 0h0m0s0ms 24h 23h60m 24h1ms 1440m 86400s 86400000ms 86400001ms 000000000001s 0000000000001s
                000000000024h 99999999999999999999h 1m1h 1s1s 1.5h -1s +1s 1 s 1us 1µs 1ns 1d 1H ٣s""");
        durations.addAll(List.of("", " 1s", "1s ", "1s\n", "5 minutes"));
        durations.addAll(combined(DURATION_PARTS, 6, 64, 1600));

        Map<String, Boolean> accepted = acceptedDurations(kubernetes, durations);

        assertThat(accepted).isEqualTo(by(text -> DurationSyntax.parse(text).isPresent(), durations));
        assertThat(accepted.values().stream().filter(taken -> taken).count()).isGreaterThan(100);
    }

    private static Map<String, Boolean> acceptedHosts(KubernetesClient kubernetes, List<String> hosts) {
        Map<String, Boolean> accepted = new LinkedHashMap<>();
        for (List<String> some : slices(hosts, PER_OBJECT * PER_OBJECT)) {
            List<List<String>> perLink = slices(some, PER_OBJECT);
            Set<String> refused = refusedFields(
                    kubernetes,
                    IntStream.range(0, perLink.size())
                            .mapToObj(at -> link(
                                    at,
                                    perLink.get(at).stream()
                                            .map(host -> new TargetSpec(host, 6379))
                                            .toList(),
                                    null))
                            .toList());
            for (int at = 0; at < some.size(); at++) {
                String field = "spec.links[" + at / PER_OBJECT + "].targets[" + at % PER_OBJECT + "].host";
                accepted.put(some.get(at), !refused.contains(field));
            }
        }
        return accepted;
    }

    private static Map<String, Boolean> acceptedDurations(KubernetesClient kubernetes, List<String> durations) {
        Map<String, Boolean> accepted = new LinkedHashMap<>();
        for (List<String> some : slices(durations, PER_OBJECT)) {
            Set<String> refused = refusedFields(
                    kubernetes,
                    IntStream.range(0, some.size())
                            .mapToObj(at -> link(at, List.of(new TargetSpec("redis-a", 6379)), some.get(at)))
                            .toList());
            for (int at = 0; at < some.size(); at++) {
                accepted.put(some.get(at), !refused.contains("spec.links[" + at + "].idleTimeout"));
            }
        }
        return accepted;
    }

    /** The fields that a real API server names when it is asked to create an Ambassador with these links. */
    private static Set<String> refusedFields(KubernetesClient kubernetes, List<LinkSpec> links) {
        Ambassador ambassador = new Ambassador();
        ambassador.getMetadata().setName("syntax");
        ambassador.setSpec(new AmbassadorSpec(links, null, null, null));
        try {
            kubernetes.resource(ambassador).inNamespace(namespace).dryRun().create();
            return Set.of();
        } catch (KubernetesClientException e) {
            assertThat(e.getCode()).as(e.getMessage()).isEqualTo(422);
            return e.getStatus().getDetails().getCauses().stream()
                    .map(StatusCause::getField)
                    .collect(toSet());
        }
    }

    private static LinkSpec link(int at, List<TargetSpec> targets, String idleTimeout) {
        return LinkSpecs.plain(null, 7000 + at, null, targets, null, idleTimeout, null, null);
    }

    /** Texts that are mostly nearly right, the same in each run. */
    private static List<String> combined(List<String> parts, int most, int longest, int count) {
        Random random = new Random(SEED);
        return Stream.generate(() -> random.ints(1 + random.nextInt(most), 0, parts.size())
                        .mapToObj(parts::get)
                        .reduce("", String::concat))
                .filter(text -> text.length() <= longest)
                .distinct()
                .limit(count)
                .toList();
    }

    private static Map<String, Boolean> by(Predicate<String> syntax, List<String> texts) {
        Map<String, Boolean> accepted = new LinkedHashMap<>();
        texts.forEach(text -> accepted.put(text, syntax.test(text)));
        return accepted;
    }

    private static List<String> words(String text) {
        return new ArrayList<>(List.of(text.split("\\s+", -1)));
    }

    private static List<List<String>> slices(List<String> texts, int size) {
        return IntStream.iterate(0, from -> from < texts.size(), from -> from + size)
                .mapToObj(from -> texts.subList(from, Math.min(texts.size(), from + size)))
                .toList();
    }
}
