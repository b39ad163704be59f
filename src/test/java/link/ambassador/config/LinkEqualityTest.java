package link.ambassador.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The {@code equals} of a link and of its parts are written by hand, and must compare every component. */
final class LinkEqualityTest {
    private static final Map<Class<?>, Object> OTHERS = Map.of(
            String.class,
            "other",
            int.class,
            4242,
            List.class,
            List.of(new Target("other", 1)),
            Duration.class,
            Duration.ofMillis(4_242),
            Optional.class,
            Optional.of(Duration.ofMillis(4_242)),
            OptionalInt.class,
            OptionalInt.of(4_242),
            ExistingConnections.class,
            ExistingConnections.CLOSE,
            WhenUnavailable.class,
            WhenUnavailable.hold(Duration.ofSeconds(1)),
            WhenExpired.class,
            WhenExpired.REFUSE,
            Instant.class,
            Instant.EPOCH);

    /** Those whose type does not say it. */
    private static final Map<String, Object> OTHERS_BY_NAME = Map.of(
            "upstreamTls",
            Optional.of(new UpstreamTls(
                    Trust.SYSTEM,
                    Optional.empty(),
                    List.of(),
                    Optional.empty(),
                    UpstreamTls.DEFAULT_NEGOTIATION,
                    UpstreamTls.DEFAULT_MIN_VERSION)),
            "downstreamTls",
            Optional.of(new DownstreamTls("server", Optional.empty(), List.of(), Duration.ofSeconds(1))),
            "preflight",
            Optional.of(Preflight.ofOwnTargets(Duration.ofSeconds(1))),
            "candidate",
            Optional.of(new Candidate(List.of(new Target("other", 1)), Optional.empty(), Optional.empty())),
            "upstreamProxyProtocol",
            Optional.of(new UpstreamProxyProtocol(UpstreamProxyProtocol.Version.V1, Set.of())),
            "downstreamProxyProtocol",
            Optional.of(
                    new DownstreamProxyProtocol(List.of(Cidr.parse("10.0.0.0/8").orElseThrow()))),
            "healthCheck",
            Optional.of(HealthCheck.of(new HealthCheck.Http("/", List.of(200)))),
            "failover",
            Optional.of(new Failover(
                    Failover.Selection.FIRST_AVAILABLE,
                    List.of(),
                    Failover.Failback.NEVER,
                    ExistingConnections.KEEP,
                    Failover.WhenNoneHealthy.TRY_ALL)));

    @TestFactory
    List<DynamicTest> aLinkDiffersWithEachComponent() {
        return differsWithEach(Link.builder("redis", 6379, List.of(new Target("redis-a", 6379)))
                .healthCheck(Optional.of(HealthCheck.of(new HealthCheck.Tcp())))
                .build());
    }

    @TestFactory
    List<DynamicTest> aTargetDiffersWithEachComponent() {
        return differsWithEach(new Target("redis-a", 6379));
    }

    @TestFactory
    List<DynamicTest> aHoldDiffersWithEachComponent() {
        return differsWithEach(Hold.of(Instant.parse("2026-11-30T15:20:00Z"), Duration.ofMinutes(1)));
    }

    @TestFactory
    List<DynamicTest> whenUnavailableDiffersWithEachComponent() {
        return differsWithEach(WhenUnavailable.REFUSE);
    }

    @TestFactory
    List<DynamicTest> aCandidateDiffersWithEachComponent() {
        return differsWithEach(new Candidate(List.of(new Target("redis-a", 6379)), Optional.empty(), Optional.empty()));
    }

    @TestFactory
    List<DynamicTest> aPreflightDiffersWithEachComponent() {
        return differsWithEach(Preflight.ofOwnTargets(Preflight.DEFAULT_TIMEOUT));
    }

    private static List<DynamicTest> differsWithEach(Record record) {
        RecordComponent[] components = record.getClass().getRecordComponents();
        return Arrays.stream(components)
                .map(changed -> DynamicTest.dynamicTest(changed.getName(), () -> {
                    Record same = copy(record, null);
                    assertThat(same).isEqualTo(record).hasSameHashCodeAs(record);
                    assertThat(copy(record, changed)).isNotEqualTo(record);
                }))
                .toList();
    }

    private static Record copy(Record record, RecordComponent changed) throws ReflectiveOperationException {
        RecordComponent[] components = record.getClass().getRecordComponents();
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            boolean isChanged = changed != null && components[i].getName().equals(changed.getName());
            values[i] = isChanged
                    ? OTHERS_BY_NAME.getOrDefault(components[i].getName(), OTHERS.get(components[i].getType()))
                    : components[i].getAccessor().invoke(record);
        }
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        return record.getClass().getDeclaredConstructor(types).newInstance(values);
    }
}
