package link.ambassador.relay.join;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import link.ambassador.relay.TestRelay;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Work that takes turns with other work. The work here waits, so that it takes long even on a fast machine. */
final class TurnsTest {
    private final EventLoop loop = new DefaultEventLoop();
    private final Turns turns = new Turns(loop);
    private final List<String> seen = new ArrayList<>();

    @AfterEach
    void stop() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void littleWorkIsDoneAtOnce() throws Exception {
        boolean done = onLoop(() -> turns.each(List.of("a", "b"), seen::add).isComplete());
        assertThat(done).isTrue();
        assertThat(seen).containsExactly("a", "b");
    }

    @Test
    void otherTasksRunInBetweenAndTheOrderStays() throws Exception {
        Future<Void> done = onLoop(() -> {
            loop.schedule(() -> seen.add("other"), 0, TimeUnit.NANOSECONDS);
            return turns.each(List.of("a", "b", "c"), this::slowly);
        });
        TestRelay.await(done);
        assertThat(seen).containsExactly("a", "other", "b", "c");
    }

    @Test
    void smallWorkDoesNotWaitForLargeWork() throws Exception {
        Future<Void> done = onLoop(() -> {
            Future<Void> large = turns.each(List.of("a1", "a2", "a3"), this::slowly);
            return turns.each(List.of("b"), this::slowly).compose(small -> large);
        });
        TestRelay.await(done);
        assertThat(seen).containsSubsequence("b", "a3");
    }

    @Test
    void anErrorIsReportedAndTheRestIsDone() throws Exception {
        IllegalStateException error = new IllegalStateException("a");
        Future<Void> done = onLoop(() -> turns.each(List.of("a", "b"), item -> {
            if (item.equals("a")) {
                throw error;
            }
            seen.add(item);
        }));
        assertThat(done.cause()).isSameAs(error);
        assertThat(seen).containsExactly("b");
    }

    @Test
    void workThatWorkAddsIsDoneAfterIt() throws Exception {
        Future<Void> done = onLoop(() -> turns.each(List.of("a", "b"), item -> {
            seen.add(item);
            turns.each(List.of(item + "1"), seen::add);
        }));
        TestRelay.await(done);
        TestRelay.await(onLoop(() -> turns.each(List.<String>of(), seen::add)));
        assertThat(seen).containsExactlyInAnyOrder("a", "b", "a1", "b1");
    }

    private void slowly(String item) {
        long end = System.nanoTime() + Turns.MAX_TURN.toNanos();
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        seen.add(item);
    }

    private <T> T onLoop(Callable<T> work) throws Exception {
        return loop.submit(work).get(10, TimeUnit.SECONDS);
    }
}
