package link.ambassador.operator.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.Target;
import link.ambassador.model.PodSelector;
import link.ambassador.model.SidecarAmbassador;
import link.ambassador.model.SidecarAmbassadors;
import link.ambassador.model.TableOutcome;
import link.ambassador.operator.delivery.PodAnnotations.Outcome;
import link.ambassador.operator.delivery.RelayPod;
import link.ambassador.operator.delivery.RelayStatus;
import link.ambassador.operator.delivery.RelaySync.SyncState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One pod whose annotation, relay and API server this test plays, step by step. */
class PodTableWriterTest {
    private static final String BY_HAND = "{\"links\":[]}";
    private static final Link REDIS = Link.of("redis", 6379, List.of(new Target("redis-a", 6379)));
    private static final SidecarAmbassador AMBASSADOR = new SidecarAmbassador(
            "shop",
            "redis",
            "u2",
            Instant.EPOCH,
            new PodSelector(Map.of("app", "web"), List.of()),
            new TableOutcome.Table(new LinkTable(Optional.of("r1"), List.of(), List.of(REDIS))));

    /** A write that the API server has not answered yet. */
    private record Write(String table, Promise<Outcome> answer) {}

    private final Vertx vertx = Vertx.vertx();
    private final BlockingQueue<Write> writes = new LinkedBlockingQueue<>();
    private final BlockingQueue<Promise<RelayStatus>> polls = new LinkedBlockingQueue<>();
    private volatile ConsumerPod pod = withTable(BY_HAND);

    private final PodTableWriter tables = new PodTableWriter(
            vertx,
            vertx.getOrCreateContext(),
            new OneAmbassador(),
            new OnePod(),
            new PodTableWriter.Io(
                    (relay, table, count) -> {
                        Write write = new Write(table, Promise.promise());
                        writes.add(write);
                        return write.answer().future();
                    },
                    relay -> {
                        Promise<RelayStatus> answer = Promise.promise();
                        polls.add(answer);
                        return answer.future();
                    }),
            new MissingSourceCheck(new OneAmbassador(), (namespace, name) -> Future.succeededFuture(true)),
            changed -> {});

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void anEditWhileTheRelayIsAskedIsPutBackWhenItHasAcknowledged() throws InterruptedException {
        String table = delivered();
        Promise<RelayStatus> asked = next(polls);
        edited(BY_HAND);

        asked.complete(serving());

        assertThat(next(writes).table()).isEqualTo(table);
    }

    @Test
    void anEditWhileTheRelayIsAskedIsPutBackWhenItDoesNotAnswer() throws InterruptedException {
        String table = delivered();
        Promise<RelayStatus> asked = next(polls);
        edited(BY_HAND);

        asked.fail("nobody listens");

        assertThat(next(writes).table()).isEqualTo(table);
    }

    @Test
    void anEditWhileTheRelayIsAskedIsPutBackWhenALinkOfItCannotListen() throws InterruptedException {
        String table = delivered();
        Promise<RelayStatus> asked = next(polls);
        edited(BY_HAND);

        asked.complete(new RelayStatus(
                "",
                Optional.of(revision()),
                Optional.empty(),
                List.of(new RelayStatus.LinkAnswer(
                        "redis", 6379, false, "address in use", List.of(), Optional.empty()))));

        assertThat(next(writes).table()).isEqualTo(table);
    }

    @Test
    void anEditDuringALaterWriteIsPutBackWhenThatHasEnded() throws InterruptedException {
        String table = delivered();
        next(polls).fail("nobody listens");
        for (int ask = 1; ask < 5; ask++) {
            next(polls).fail("nobody listens");
        }
        Write again = next(writes);
        edited(BY_HAND);

        again.answer().complete(Outcome.SENT);

        assertThat(next(writes).table()).isEqualTo(table);
    }

    @Test
    void aWriteThatIsRefusedIsRepeatedOnceForEachLook() throws InterruptedException {
        Write write = next(writes);
        look();
        write.answer().fail("the annotations are too large");
        next(writes).answer().fail("the annotations are too large");
        // The kubelet may bring it all the same; and by then a third write would be here.
        next(polls);
        assertThat(writes).isEmpty();
    }

    @Test
    void aWriteThatThePodsCacheHasNotSeenYetIsNotRepeated() throws InterruptedException {
        String before = pod.links().orElseThrow();
        Write write = next(writes);
        look();
        write.answer().complete(Outcome.SENT);
        Promise<RelayStatus> asked = next(polls);
        assertThat(pod.links()).hasValue(before);
        edited(write.table());
        asked.complete(serving());
        awaitAcknowledged();
        look();
        assertThat(writes).isEmpty();
    }

    /** The table that was written, and that the pod has by now. */
    private String delivered() throws InterruptedException {
        Write write = next(writes);
        write.answer().complete(Outcome.SENT);
        edited(write.table());
        return write.table();
    }

    private void edited(String table) {
        pod = withTable(table);
        look();
    }

    /** Returns when it was looked at. */
    private void look() {
        tables.enqueue(pod);
        Promise<Void> looked = Promise.promise();
        tables.execute(() -> tables.execute(looked::complete));
        looked.future().toCompletionStage().toCompletableFuture().join();
    }

    private void awaitAcknowledged() {
        await().until(() -> tables.state("u1")
                .filter(known -> known.sync().state() == SyncState.ACKNOWLEDGED)
                .isPresent());
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T next = queue.poll(20, TimeUnit.SECONDS);
        assertThat(next).isNotNull();
        return next;
    }

    private String revision() {
        return tables.state("u1").orElseThrow().table().table().revision().orElseThrow();
    }

    private RelayStatus serving() {
        return new RelayStatus("", Optional.of(revision()), Optional.empty(), List.of());
    }

    private static ConsumerPod withTable(String table) {
        return new ConsumerPod(
                new RelayPod("shop", "web", "u1", Optional.of("10.0.0.1"), true, false, true),
                Map.of("app", "web"),
                Optional.of(new ConsumerPod.Sidecar(Set.of(), Set.of(), Set.of(), Set.of(), true)),
                Optional.empty(),
                false,
                Optional.of(table),
                Optional.empty());
    }

    private final class OnePod implements Pods {
        @Override
        public Collection<ConsumerPod> in(String namespace) {
            return all();
        }

        @Override
        public Collection<ConsumerPod> all() {
            return List.of(pod);
        }

        @Override
        public Optional<ConsumerPod> get(String namespace, String name, String uid) {
            return Optional.of(pod);
        }
    }

    private static final class OneAmbassador implements SidecarAmbassadors {
        @Override
        public Collection<SidecarAmbassador> in(String namespace) {
            return List.of(AMBASSADOR);
        }

        @Override
        public boolean isSynced() {
            return true;
        }
    }
}
