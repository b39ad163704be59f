package link.ambassador.relay.watch;

import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class LongestTurnTest {
    private static final Duration TURN = Duration.ofMillis(500);

    @Test
    void aTurnThatSleepsIsMeasured() throws Exception {
        EventLoopGroup group = new NioEventLoopGroup(1);
        try {
            EventLoop loop = group.next();
            LongestTurn turns = LongestTurn.of(loop);
            // Turns are measured from here on.
            await().until(() -> turns.takeMicros() > 0);

            CountDownLatch over = new CountDownLatch(1);
            loop.execute(() -> {
                try {
                    TimeUnit.NANOSECONDS.sleep(TURN.toNanos());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                over.countDown();
            });
            over.await();

            // Half of it, because the loop gets the task some time after the turn has begun.
            await().until(() -> turns.takeMicros() > TURN.toNanos() / 2_000);
        } finally {
            group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        }
    }
}
