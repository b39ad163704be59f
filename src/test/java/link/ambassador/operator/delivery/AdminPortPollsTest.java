package link.ambassador.operator.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import link.ambassador.ConcurrentTest;
import link.ambassador.Ipv6Loopback;
import org.junit.jupiter.api.AfterEach;

/** Anyone who runs a pod decides what answers on its admin port: these are not relays. */
final class AdminPortPollsTest {
    private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ";

    private final Vertx vertx = Vertx.vertx();
    private final Set<NetSocket> open = ConcurrentHashMap.newKeySet();
    private final AtomicLong sent = new AtomicLong();

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @ConcurrentTest
    void anAnswerWithoutEndIsCutAtItsBound() {
        assertThatThrownBy(() -> answerOf(socket -> {
                    socket.write(HEAD + "107374182400\r\n\r\n");
                    flood(socket);
                }))
                .hasMessageContaining("does not answer on port")
                .hasMessageContaining("larger than 262144 bytes");
        awaitNoConnection();
        assertThat(sent).as("bytes that were taken").hasValueLessThan(64 << 20);
    }

    @ConcurrentTest
    void aByteNowAndThenIsNoAnswer() {
        assertThatThrownBy(() -> answerOf(socket -> {
                    socket.write(HEAD + "1073741824\r\n\r\n");
                    vertx.setPeriodic(100, tick -> socket.write(" "));
                }))
                .hasMessageContaining("no complete answer within 2 s");
        awaitNoConnection();
    }

    @ConcurrentTest
    void aHeaderNowAndThenIsNoAnswer() {
        assertThatThrownBy(() -> answerOf(socket -> {
                    socket.write("HTTP/1.1 200 OK\r\n");
                    vertx.setPeriodic(100, tick -> socket.write("X: y\r\n"));
                }))
                .hasMessageContaining("no complete answer within 2 s");
        awaitNoConnection();
    }

    @ConcurrentTest
    void interimAnswersWithoutEndAreNoAnswer() {
        assertThatThrownBy(() -> answerOf(
                        socket -> vertx.setPeriodic(20, tick -> socket.write("HTTP/1.1 100 Continue\r\n\r\n"))))
                .hasMessageContaining("no complete answer within 2 s");
        awaitNoConnection();
    }

    @ConcurrentTest
    void anotherStatusIsNoAcknowledgement() {
        assertThatThrownBy(() -> answerOf(socket -> socket.write(
                        "HTTP/1.1 500 Oops\r\nContent-Length: 31\r\n\r\n{\"applied\":{\"revision\":\"r1\"}}  ")))
                .hasMessageContaining("answers with status 500");
    }

    @ConcurrentTest
    void whatARelaySaysIsFitForOneLine() throws Exception {
        String text = "x\\n2026-11-30T00:00:00.000Z ERROR written by a pod\\u001b[31mred" + "y".repeat(50_000);
        RelayStatus answer = answerOf(answering("{\"version\":\"" + text + "\",\"applied\":{\"revision\":\"" + text
                + "\"},\"rejected\":{\"error\":\"" + text + "\"},\"links\":[]}"));
        assertThat(answer.rejected().orElseThrow().error()).startsWith("x 2026").matches("[ -~…]{1,510}");
        assertThat(answer.version()).matches("[ -~…]{1,90}");
        assertThat(answer.appliedRevision().orElseThrow()).matches("[ -~…]{1,90}");
    }

    @ConcurrentTest
    void moreLinksAndTargetsThanATableHasAreNotKept() throws Exception {
        String targets = "[" + "{},".repeat(20_000) + "{}]";
        String links = "{}," + "{\"targets\":" + targets + "}," + "{},".repeat(30_000) + "{}";
        RelayStatus answer = answerOf(answering("{\"links\":[" + links + "]}"));
        assertThat(answer.links()).hasSize(1024);
        assertThat(answer.links().stream()
                        .mapToInt(link -> link.targets().size())
                        .sum())
                .isEqualTo(1024);
    }

    @ConcurrentTest
    void relaysThatKeepSilentLeaveRoomForThoseOfOtherNamespaces() throws Exception {
        int silent = serve(socket -> {});
        AtomicInteger atOnce = new AtomicInteger();
        AdminPortPolls polls = new AdminPortPolls(vertx, silent, new SimpleMeterRegistry(), (pod, load) -> {});
        List<Future<RelayStatus>> many = IntStream.range(0, 200)
                .mapToObj(number -> polls.poll(pod("evil", "127.0.1." + (1 + number))))
                .toList();
        await().until(() -> {
            atOnce.accumulateAndGet(open.size(), Math::max);
            return open.size() == 64;
        });
        Future<RelayStatus> another = polls.poll(pod("shop", "127.0.0.2"));
        await().until(() ->
                open.stream().anyMatch(socket -> socket.localAddress().host().equals("127.0.0.2")));
        assertThat(many).anyMatch(poll -> !poll.isComplete());
        assertThat(another.isComplete()).isFalse();
        assertThat(atOnce).hasValueLessThanOrEqualTo(64);
    }

    @ConcurrentTest
    void aPodWithAnIpv6AddressIsPolled() throws Exception {
        String loopback = Ipv6Loopback.assumed().getHostAddress();
        int port = serve(loopback, answering("{\"applied\":{\"revision\":\"r1\"},\"links\":[]}"));

        RelayStatus answer = get(new AdminPortPolls(vertx, port, new SimpleMeterRegistry(), (pod, load) -> {})
                .poll(pod("shop", loopback)));

        assertThat(answer.appliedRevision()).contains("r1");
    }

    private static Consumer<NetSocket> answering(String body) {
        return socket -> socket.write(HEAD + body.length() + "\r\n\r\n" + body);
    }

    private RelayStatus answerOf(Consumer<NetSocket> peer) throws Exception {
        return get(new AdminPortPolls(vertx, serve(peer), new SimpleMeterRegistry(), (pod, load) -> {})
                .poll(pod("evil", "127.0.0.1")));
    }

    private static RelayStatus get(Future<RelayStatus> answer) throws Exception {
        return answer.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private int serve(Consumer<NetSocket> peer) {
        return serve("0.0.0.0", peer);
    }

    /** @return the port that {@code peer} answers on, once it was asked */
    private int serve(String host, Consumer<NetSocket> peer) {
        return vertx.createNetServer(new NetServerOptions().setHost(host))
                .connectHandler(socket -> {
                    open.add(socket);
                    socket.closeHandler(closed -> open.remove(socket));
                    socket.exceptionHandler(reset -> {});
                    socket.handler(asked -> peer.accept(socket));
                })
                .listen(0)
                .toCompletionStage()
                .toCompletableFuture()
                .join()
                .actualPort();
    }

    private void flood(NetSocket socket) {
        Buffer block = Buffer.buffer(new byte[1 << 16]);
        socket.write(block).onSuccess(written -> {
            sent.addAndGet(block.length());
            flood(socket);
        });
    }

    private void awaitNoConnection() {
        await().until(open::isEmpty);
    }

    private static RelayPod pod(String namespace, String address) {
        return new RelayPod(namespace, "web", "u", Optional.of(address), true, false, true);
    }
}
