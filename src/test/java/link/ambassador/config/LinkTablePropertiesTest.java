package link.ambassador.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class LinkTablePropertiesTest {
    @Property(tries = 300)
    void whatIsWrittenIsReadBack(@ForAll("tables") LinkTable table) {
        assertThat(LinkTableReader.read(LinkTableWriter.write(table)))
                .isEqualTo(new ParseResult.Accepted(table, List.of()));
    }

    @Property
    void everyDurationIsReadBack(@ForAll @IntRange(min = 1, max = 86_400_000) int millis) {
        Duration duration = Duration.ofMillis(millis);

        assertThat(DurationSyntax.parse(DurationSyntax.format(duration))).contains(duration);
    }

    @Property
    void anyBytesHaveAResult(@ForAll byte[] bytes) {
        assertThatCode(() -> LinkTableReader.read(bytes)).doesNotThrowAnyException();
    }

    @Property
    void anyMutationHasAResult(
            @ForAll("tables") LinkTable table, @ForAll byte with, @ForAll @IntRange(max = 5000) int at) {
        byte[] bytes = LinkTableWriter.write(table);
        bytes[at % bytes.length] = with;

        assertThatCode(() -> LinkTableReader.read(bytes)).doesNotThrowAnyException();
    }

    @Example
    void aDocumentOfTenMegabytesIsRefusedByItsSize() {
        assertThat(LinkTableReader.read(new byte[10_000_000]))
                .isEqualTo(new ParseResult.Rejected("", "a document of 10000000 bytes", "at most 1048576 bytes"));
    }

    @Example
    void anEmptyDocumentIsNoTable() {
        assertThat(LinkTableReader.read(new byte[0])).isEqualTo(new ParseResult.NoTable());
        assertThat(LinkTableReader.read(" \n".getBytes(StandardCharsets.UTF_8))).isEqualTo(new ParseResult.NoTable());
    }

    @Provide
    Arbitrary<LinkTable> tables() {
        Arbitrary<String> word =
                Arbitraries.strings().withCharRange('!', '~').ofMinLength(1).ofMaxLength(20);
        Arbitrary<Source> source = Combinators.combine(
                        word, word, Arbitraries.longs().between(0, Long.MAX_VALUE))
                .as(Source::new);
        return Combinators.combine(
                        word.optional(),
                        source.list().ofMaxSize(3),
                        links().list().ofMaxSize(8).uniqueElements(Link::listen),
                        word.set().ofMaxSize(3).optional())
                .as((revision, sources, links, pods) ->
                        new LinkTable(revision, sources, links, pods.map(names -> new StagedLinks(names, links))));
    }

    private static Arbitrary<Link> links() {
        Arbitrary<Integer> port = Arbitraries.integers().between(1, 65535);
        Arbitrary<Duration> duration =
                Arbitraries.longs().between(1, 86_400_000).map(Duration::ofMillis);
        Arbitrary<Target> target = Combinators.combine(
                        Arbitraries.of("redis", "10.0.0.1", "::1", "a_b.example.com.", "fe80::1:2"), port)
                .as(Target::new);
        Arbitrary<OptionalInt> most = Arbitraries.integers()
                .between(0, Integer.MAX_VALUE)
                .map(n -> n == 0 ? OptionalInt.empty() : OptionalInt.of(n));
        Arbitrary<Optional<Duration>> idle = duration.optional();
        return Combinators.combine(port, target.list().ofMinSize(1).ofMaxSize(16), duration, idle, most)
                .flatAs((listen, targets, connect, idleTimeout, connections) -> Combinators.combine(
                                duration,
                                Arbitraries.of(ExistingConnections.class),
                                duration,
                                holds().optional(),
                                whenUnavailable(),
                                preflights(target).optional())
                        .as((halfClose, policy, drain, hold, whenUnavailable, preflight) -> Link.builder(
                                        "redis", listen, targets)
                                .connectTimeout(connect)
                                .idleTimeout(idleTimeout)
                                .halfCloseTimeout(halfClose)
                                .maxConnections(connections)
                                .existingConnections(policy)
                                .drainTimeout(drain)
                                .hold(hold)
                                .whenUnavailable(whenUnavailable)
                                .preflight(preflight)
                                .build()))
                .flatMap(link -> health(link.targets().size()).optional().map(health -> link.toBuilder()
                        .healthCheck(health.map(Health::check))
                        .failover(health.map(Health::failover))
                        .build()));
    }

    private record Health(HealthCheck check, Failover failover) {}

    private static Arbitrary<Health> health(int targets) {
        Arbitrary<Integer> threshold = Arbitraries.integers().between(1, HealthCheck.MAX_THRESHOLD);
        Arbitrary<HealthCheck> check = Combinators.combine(
                        checks(),
                        Arbitraries.integers().between(1, 65535).optional(),
                        Arbitraries.of(HealthCheck.Probing.class),
                        Arbitraries.longs().between(500, 86_400_000).map(Duration::ofMillis),
                        Arbitraries.longs().between(1, 86_400_000).map(Duration::ofMillis),
                        threshold,
                        threshold)
                .as((what, port, probing, interval, timeout, unhealthy, healthy) -> new HealthCheck(
                        what,
                        port.map(OptionalInt::of).orElse(OptionalInt.empty()),
                        probing,
                        interval,
                        timeout,
                        unhealthy,
                        healthy));
        Arbitrary<Failover> failover = Combinators.combine(
                        Arbitraries.integers().between(0, 1000),
                        Arbitraries.of(Failover.Selection.class),
                        Arbitraries.of("Immediate", "Never", "1ms", "24h"),
                        Arbitraries.of(ExistingConnections.class),
                        Arbitraries.of(Failover.WhenNoneHealthy.class))
                .as((weight, selection, failback, existing, none) -> selection == Failover.Selection.WEIGHTED
                        ? new Failover(
                                selection,
                                Collections.nCopies(targets, Math.max(1, weight)),
                                Failover.Failback.IMMEDIATE,
                                existing,
                                none)
                        : new Failover(
                                selection,
                                List.of(),
                                Failover.Failback.parse(failback).orElseThrow(),
                                existing,
                                none));
        return Combinators.combine(check, failover).as(Health::new);
    }

    private static Arbitrary<HealthCheck.Check> checks() {
        Arbitrary<HealthCheck.Check> http = Arbitraries.integers()
                .between(200, 599)
                .list()
                .ofMinSize(1)
                .ofMaxSize(16)
                .map(statuses -> new HealthCheck.Http("/primary?lag=1", statuses));
        Arbitrary<HealthCheck.Check> exchange = Combinators.combine(
                        Arbitraries.strings().ofMaxLength(80).filter(text -> !text.contains("%s")),
                        Arbitraries.strings().ofMinLength(1).ofMaxLength(80),
                        Arbitraries.of(true, false))
                .as((send, expect, secret) -> new HealthCheck.Exchange(
                        List.of(
                                new HealthCheck.Step(send, expect),
                                new HealthCheck.Step(secret ? "AUTH " + HealthCheck.Exchange.PLACEHOLDER : "", expect)),
                        secret ? Credential.parse("redis-auth/password") : Optional.empty()));
        return Arbitraries.oneOf(Arbitraries.just(new HealthCheck.Tcp()), http, exchange);
    }

    private static Arbitrary<Hold> holds() {
        Arbitrary<Instant> time = Arbitraries.longs()
                .between(0, Instant.parse("9999-12-31T23:59:59Z").getEpochSecond())
                .map(Instant::ofEpochSecond);
        return Combinators.combine(
                        time,
                        Arbitraries.longs().between(1_000, 600_000).map(Duration::ofMillis),
                        Arbitraries.of(WhenExpired.class),
                        Arbitraries.integers().between(1, Integer.MAX_VALUE),
                        Arbitraries.of(ExistingConnections.class),
                        Arbitraries.longs().between(1, 86_400_000).map(Duration::ofMillis))
                .as(Hold::new);
    }

    private static Arbitrary<Preflight> preflights(Arbitrary<Target> target) {
        return Combinators.combine(
                        Arbitraries.longs().between(1, 60_000).map(Duration::ofMillis),
                        target.list()
                                .ofMinSize(1)
                                .ofMaxSize(16)
                                .map(targets -> new Candidate(targets, Optional.empty(), Optional.empty()))
                                .optional())
                .as(Preflight::new);
    }

    private static Arbitrary<WhenUnavailable> whenUnavailable() {
        return Arbitraries.longs()
                .between(1, 600_000)
                .map(Duration::ofMillis)
                .optional()
                .map(WhenUnavailable::new);
    }
}
