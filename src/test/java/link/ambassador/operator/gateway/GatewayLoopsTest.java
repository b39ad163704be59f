package link.ambassador.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import link.ambassador.config.Link;
import link.ambassador.config.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GatewayLoopsTest {
    private static final List<Link> NOTHING = List.of();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis-amb",
                "redis-amb.",
                "REDIS-amb",
                "redis-amb.shop",
                "redis-amb.shop.",
                "redis-amb.shop.svc",
                "redis-amb.shop.svc.",
                "redis-amb.shop.svc.cluster.local",
                "redis-amb.Shop.SVC.Cluster.Local.",
                "10.96.0.7",
                "fd00::7",
                "FD00:0:0::0007",
                "::ffff:10.96.0.7",
                "127.0.0.1",
                "127.8.0.1",
                "::1",
                "0.0.0.0",
                "::",
                "localhost",
                "LocalHost."
            })
    void itsOwnServiceIsRefusedByAnyOfItsNamesWhateverThePort(String host) {
        assertThat(refusal(redis(asks(host, 1234)))).hasValueSatisfying(sentence -> assertThat(sentence)
                .startsWith("Link 6379: the target " + new Target(host, 1234) + " is ")
                .contains(" Use "));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis",
                "redis.shop",
                "redis-amb.other",
                "redis-amb.svc",
                "redis-amb.shop.example.com",
                "redis-amb.shop.svc.other.local",
                "redis-amb.svc.cluster.local",
                "web.redis-amb.shop.svc",
                "shop.redis-amb",
                "10.96.0.8",
                "fd00::8",
                "localhost.example.com"
            })
    void anotherNameIsNot(String host) {
        assertThat(refusal(redis(asks(host, 6379)))).isEmpty();
    }

    @Test
    void theLastOfManyTargetsCountsToo() {
        Link link = Link.of("redis", 6379, List.of(new Target("a", 1), new Target("redis-amb", 6379)));

        assertThat(refusal(redis(List.of(link)))).isPresent();
    }

    @Test
    void theSentenceSaysTheWayAround() {
        assertThat(refusal(redis(asks("redis-amb", 6379))))
                .hasValue(
                        "Link 6379: the target redis-amb:6379 is this Ambassador's own Service, so its relays would dial"
                                + " themselves. Use the target behind it, or rename the gateway's Service with"
                                + " spec.placement.gateway.service.name.");
    }

    @Test
    void ofACircleTheNewestIsRefusedAndTheOthersServe() {
        Gateway a = gateway("a", 1, asks("b", 6379), NOTHING);
        Gateway b = gateway("b", 2, asks("c.shop", 6379), NOTHING);
        Gateway c = gateway("c", 3, asks("a.shop.svc", 6379), NOTHING);

        assertThat(refusal(a, b, c)).isEmpty();
        assertThat(refusal(b, a, c)).isEmpty();
        assertThat(refusal(c, a, b))
                .hasValue("Link 6379: the target a.shop.svc:6379 is part of a loop:"
                        + " c.shop:6379 -> a.shop:6379 -> b.shop:6379 -> c.shop:6379."
                        + " Change one of these targets.");
    }

    @Test
    void ofACircleOfAThousandItsEndsAreTold() {
        int count = 1000;
        Gateway[] circle = IntStream.range(0, count)
                .mapToObj(number -> gateway("g" + number, number, asks("g" + (number + 1) % count, 6379), NOTHING))
                .toArray(Gateway[]::new);

        assertThat(refusal(circle[count - 1], Arrays.copyOf(circle, count - 1)).orElseThrow())
                .hasSizeLessThan(1000)
                .contains(
                        "g999.shop:6379 -> g0.shop:6379 ->",
                        "-> (991 more) ->",
                        "-> g998.shop:6379 -> g999.shop:6379.");
    }

    @Test
    void ofTwoOfTheSameMomentOneIsRefused() {
        Gateway a = gateway("a", 1, asks("b", 6379), NOTHING);
        Gateway b = gateway("b", 1, asks("a", 6379), NOTHING);

        assertThat(Stream.of(refusal(a, b), refusal(b, a)))
                .filteredOn(refusal -> refusal.isPresent())
                .hasSize(1);
    }

    @Test
    void theOneWhoseEditClosesTheCircleIsRefusedHoweverOldItIs() {
        Gateway old = gateway("old", 1, asks("young", 6379), asks("outside", 6379));
        Gateway young = gateway("young", 2, asks("old", 6379), asks("old", 6379));

        assertThat(refusal(old, young)).isPresent();
        assertThat(refusal(young, old)).isEmpty();
    }

    @Test
    void aStepThatIsStillServedClosesACircleEvenWhenItIsEditedAway() {
        Gateway old = gateway("old", 1, asks("young", 6379), NOTHING);
        Gateway young = gateway("young", 2, asks("outside", 6379), asks("old", 6379));

        assertThat(refusal(old, young)).isPresent();
    }

    @Test
    void whereAllServeTheCircleTheNewestIsRefused() {
        Gateway a = gateway("a", 1, asks("b", 6379), asks("b", 6379));
        Gateway b = gateway("b", 2, asks("a", 6379), asks("a", 6379));

        assertThat(refusal(a, b)).isEmpty();
        assertThat(refusal(b, a)).isPresent();
    }

    @Test
    void anotherPortOfTheOtherIsNoCircle() {
        Link back = Link.of("b", 80, List.of(new Target("b", 6379)));
        Gateway a = gateway("a", 1, List.of(back), NOTHING);
        Gateway b = gateway("b", 2, asks("a", 6379), NOTHING);

        assertThat(refusal(b, a)).isEmpty();
        assertThat(refusal(a, b)).isEmpty();
    }

    @Test
    void aChainIsNoCircle() {
        Gateway a = gateway("a", 1, asks("b", 6379), NOTHING);
        Gateway b = gateway("b", 2, asks("outside", 6379), NOTHING);

        assertThat(refusal(a, b)).isEmpty();
        assertThat(refusal(b, a)).isEmpty();
    }

    private static Optional<String> refusal(Gateway own, Gateway... others) {
        return GatewayLoops.judge(own, List.of(others), "cluster.local").refusal();
    }

    private static List<Link> asks(String host, int port) {
        return List.of(Link.of("redis", 6379, List.of(new Target(host, port))));
    }

    private static Gateway redis(List<Link> asked) {
        return new Gateway(
                "shop", "redis", Instant.EPOCH, "uid", "redis-amb", Set.of("10.96.0.7", "fd00::7"), asked, NOTHING);
    }

    private static Gateway gateway(String name, int age, List<Link> asked, List<Link> applied) {
        return new Gateway("shop", name, Instant.ofEpochSecond(age), "uid-" + name, name, Set.of(), asked, applied);
    }
}
