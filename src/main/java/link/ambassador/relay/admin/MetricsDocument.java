package link.ambassador.relay.admin;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.SummaryWithCallback;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.Quantiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import link.ambassador.relay.Buffers;
import link.ambassador.relay.ConsoleLog;
import link.ambassador.relay.RelaySnapshot;
import link.ambassador.relay.dial.CheckedTarget;
import link.ambassador.relay.proxy.HoldSnapshot;
import link.ambassador.relay.proxy.LinkSnapshot;
import link.ambassador.relay.tls.HandshakeCounters;

/**
 * The document of {@code /metrics}. Made at the first request, because it loads the metrics library. For one thread at
 * a time.
 */
public final class MetricsDocument {
    static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;
    private static final String[] LINK = {"alias", "listen"};

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private RelaySnapshot now;

    public MetricsDocument() {
        registerLinks();
        registerTls();
        gauge("ambassador_buffered_bytes", "Bytes held for peers that do not read.", () -> now.heldBytes());
        gauge("ambassador_buffered_bytes_limit", "The relay's byte budget.", () -> now.settings()
                .byteBudget());
        gauge("ambassador_direct_memory_bytes", "Direct memory that the allocator took.", Buffers::directMemoryBytes);
        gauge("ambassador_pipes_open", "Pipes that bytes are spliced through.", () -> now.pipes()
                .open());
        counter(
                "ambassador_pipe_pool_exhausted_total",
                "Reads whose bytes were copied because no pipe was free.",
                () -> now.pipes().exhaustedTotal());
        counter(
                "ambassador_spliced_bytes_total",
                "Bytes that went through a pipe and not through a buffer.",
                () -> now.pipes().splicedBytes());
        gauge("ambassador_ready", "1 when every listener listens.", () -> now.isReady() ? 1 : 0);
        counter("ambassador_table_applied_total", "Link tables that were applied.", () -> now.table()
                .appliedTotal());
        counter("ambassador_table_rejected_total", "Link tables that were rejected.", () -> now.table()
                .rejectedTotal());
        gauge(
                "ambassador_table_applied_timestamp_seconds",
                "When the newest table was applied; 0 before the first.",
                () -> now.table()
                        .applied()
                        .map(applied -> applied.at().toEpochMilli() / 1000.0)
                        .orElse(0.0));
        gauge(
                "ambassador_table_current",
                "1 when the newest table is the one that is served.",
                () -> now.table().isCurrent() ? 1 : 0);
        counter(
                "ambassador_accept_failures_total",
                "Accepts that failed, mostly because of missing file descriptors; accepting pauses for a second.",
                () -> now.acceptFailures());
        counter(
                "ambassador_log_dropped_total",
                "Log lines dropped because the log was not read in time.",
                ConsoleLog::droppedTotal);
    }

    private void counter(String name, String help, Value value) {
        CounterWithCallback.builder()
                .name(name)
                .help(help)
                .callback(counter -> counter.call(value.now()))
                .register(registry);
    }

    private void registerLinks() {
        GaugeWithCallback.builder()
                .name("ambassador_connections_open")
                .help("Connections that are open now.")
                .labelNames(LINK)
                .callback(gauge -> now.everyLink()
                        .forEach(link -> gauge.call(link.counters().open(), labels(link))))
                .register(registry);
        GaugeWithCallback.builder()
                .name("ambassador_connections_draining")
                .help("Open connections that end when they are idle.")
                .labelNames(LINK)
                .callback(gauge -> now.everyLink().forEach(link -> gauge.call(link.draining(), labels(link))))
                .register(registry);
        registerHolds();
        registerHealth();
        CounterWithCallback.builder()
                .name("ambassador_connections_opened_total")
                .help("Connections that were accepted.")
                .labelNames(LINK)
                .callback(counter -> now.everyLink()
                        .forEach(link -> counter.call((double) link.counters().openedTotal(), labels(link))))
                .register(registry);
        CounterWithCallback.builder()
                .name("ambassador_connections_closed_total")
                .help("Connections that ended or were refused, by reason.")
                .labelNames("alias", "listen", "reason")
                .callback(counter -> now.everyLink().forEach(link -> link.counters()
                        .closedByReason()
                        .forEach((reason, count) -> counter.call((double) count, labels(link, reason.label())))))
                .register(registry);
        CounterWithCallback.builder()
                .name("ambassador_bytes_total")
                .help("Bytes read, by the side they go to.")
                .labelNames("alias", "listen", "to")
                .callback(counter -> now.everyLink().forEach(link -> {
                    counter.call((double) link.counters().bytesToUpstream(), labels(link, "upstream"));
                    counter.call((double) link.counters().bytesToDownstream(), labels(link, "downstream"));
                }))
                .register(registry);
        CounterWithCallback.builder()
                .name("ambassador_dials_total")
                .help("Tries of one target, by how they ended.")
                .labelNames("alias", "listen", "result")
                .callback(counter -> now.everyLink().forEach(link -> link.dialsByResult()
                        .forEach((result, count) -> counter.call((double) count, labels(link, result.label())))))
                .register(registry);
        CounterWithCallback.builder()
                .name("ambassador_retargets_total")
                .help("Changes of a link's targets.")
                .labelNames(LINK)
                .callback(counter ->
                        now.everyLink().forEach(link -> counter.call((double) link.retargets(), labels(link))))
                .register(registry);
        GaugeWithCallback.builder()
                .name("ambassador_link_listening")
                .help("1 when the link listens on each of its addresses.")
                .labelNames(LINK)
                .callback(gauge -> now.links().forEach(link -> gauge.call(link.isListening() ? 1 : 0, labels(link))))
                .register(registry);
    }

    private void registerHolds() {
        GaugeWithCallback.builder()
                .name("ambassador_connections_held")
                .help("Open connections that wait for the end of a hold.")
                .labelNames(LINK)
                .callback(gauge -> now.everyLink().forEach(link -> gauge.call(link.held(), labels(link))))
                .register(registry);
        GaugeWithCallback.builder()
                .name("ambassador_connections_retrying")
                .help("Open connections that wait because every target has failed, and are dialled again.")
                .labelNames(LINK)
                .callback(gauge -> now.everyLink().forEach(link -> gauge.call(link.retrying(), labels(link))))
                .register(registry);
        CounterWithCallback.builder()
                .name("ambassador_holds_total")
                .help("Connections that a hold concerned, by how their wait ended.")
                .labelNames("alias", "listen", "outcome")
                .callback(counter -> now.everyLink().forEach(link -> link.hold().ifPresent(hold -> hold.outcomes()
                        .forEach((outcome, count) -> counter.call((double) count, labels(link, outcome.label()))))))
                .register(registry);
        registry.register((Collector) this::heldSeconds);
    }

    private void registerHealth() {
        GaugeWithCallback.builder()
                .name("ambassador_target_healthy")
                .help("1 when the link's health check has found the target healthy; 0 also before that.")
                .labelNames("alias", "listen", "target")
                .callback(gauge -> now.links().forEach(link -> link.checks().ifPresent(checks -> checks.targets()
                        .forEach((target, known) -> gauge.call(
                                known.state() == CheckedTarget.State.HEALTHY ? 1 : 0,
                                labels(link, target.toString()))))))
                .register(registry);
        CounterWithCallback.builder()
                .name("ambassador_failovers_total")
                .help("How often the new connections of a link went over from one target to another, there or back.")
                .labelNames(LINK)
                .callback(counter -> now.everyLink().forEach(link -> link.checks()
                        .ifPresent(checks -> counter.call((double) checks.failovers(), labels(link)))))
                .register(registry);
        CounterWithCallback.builder()
                .name("ambassador_health_checks_total")
                .help("Probes of targets, by how they ended.")
                .labelNames("alias", "listen", "result")
                .callback(
                        counter -> now.everyLink().forEach(link -> link.checks().ifPresent(checks -> {
                            counter.call((double) checks.probes().ok(), labels(link, "ok"));
                            counter.call((double) checks.probes().failed(), labels(link, "failed"));
                        })))
                .register(registry);
    }

    private HistogramSnapshot heldSeconds() {
        HistogramSnapshot.Builder histogram = HistogramSnapshot.builder()
                .name("ambassador_held_seconds")
                .help("How long connections waited for the end of a hold.");
        now.everyLink().forEach(link -> link.hold()
                .map(HoldSnapshot::waitTimes)
                .ifPresent(times -> histogram.dataPoint(HistogramDataPointSnapshot.builder()
                        .labels(Labels.of(LINK, labels(link)))
                        .classicHistogramBuckets(ClassicHistogramBuckets.of(times.bounds(), times.counts()))
                        .sum(times.sumSeconds())
                        .build())));
        return histogram.build();
    }

    private void registerTls() {
        CounterWithCallback.builder()
                .name("ambassador_tls_handshakes_total")
                .help("TLS handshakes, by the side of the peer and by how they ended.")
                .labelNames("alias", "listen", "side", "result")
                .callback(counter -> now.everyLink().forEach(link -> link.tls().ifPresent(tls -> {
                    for (HandshakeCounters.Side side : HandshakeCounters.Side.values()) {
                        tls.counters()
                                .results(
                                        side,
                                        (result, count) ->
                                                counter.call((double) count, labels(link, side.label(), result)));
                    }
                })))
                .register(registry);
        SummaryWithCallback.builder()
                .name("ambassador_tls_handshake_seconds")
                .help("How long the handshakes took that were done.")
                .labelNames("alias", "listen", "side")
                .callback(summary -> now.everyLink().forEach(link -> link.tls().ifPresent(tls -> {
                    for (HandshakeCounters.Side side : HandshakeCounters.Side.values()) {
                        summary.call(
                                tls.counters().done(side),
                                tls.counters().seconds(side),
                                Quantiles.EMPTY,
                                labels(link, side.label()));
                    }
                })))
                .register(registry);
        CounterWithCallback.builder()
                .name("ambassador_tls_truncated_total")
                .help("Streams in TLS whose connection ended before their end; the other side was reset.")
                .labelNames(LINK)
                .callback(counter -> now.everyLink()
                        .filter(link -> link.tls().isPresent())
                        .forEach(link -> counter.call((double) link.counters().truncatedTotal(), labels(link))))
                .register(registry);
        GaugeWithCallback.builder()
                .name("ambassador_tls_certificate_not_before_timestamp_seconds")
                .help("When a certificate begins that the relay shows; 0 while it has none.")
                .labelNames("certificate")
                .callback(gauge -> now.certificates()
                        .forEach(each -> gauge.call(
                                each.notBefore().map(Instant::getEpochSecond).orElse(0L), each.name())))
                .register(registry);
        GaugeWithCallback.builder()
                .name("ambassador_tls_certificate_not_after_timestamp_seconds")
                .help("When a certificate ends that the relay shows; 0 while it has none.")
                .labelNames("certificate")
                .callback(gauge -> now.certificates()
                        .forEach(each -> gauge.call(
                                each.notAfter().map(Instant::getEpochSecond).orElse(0L), each.name())))
                .register(registry);
        GaugeWithCallback.builder()
                .name("ambassador_tls_certificate_current")
                .help("1 when the certificate that the relay shows is the one in its files.")
                .labelNames("certificate")
                .callback(gauge -> now.certificates()
                        .forEach(each -> gauge.call(each.error().isEmpty() ? 1 : 0, each.name())))
                .register(registry);
    }

    private interface Value {
        double now();
    }

    private void gauge(String name, String help, Value value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(gauge -> gauge.call(value.now()))
                .register(registry);
    }

    private static String[] labels(LinkSnapshot link, String... more) {
        String[] labels = new String[2 + more.length];
        labels[0] = link.link().alias();
        labels[1] = Integer.toString(link.link().listen());
        System.arraycopy(more, 0, labels, 2, more.length);
        return labels;
    }

    /** In the text format of Prometheus. */
    public byte[] write(RelaySnapshot snapshot) {
        now = snapshot;
        ByteArrayOutputStream out = new ByteArrayOutputStream(4096);
        try {
            PrometheusTextFormatWriter.create().write(out, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
