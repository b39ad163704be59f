package link.ambassador.relay.join;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.epoll.Epoll;
import org.junit.jupiter.api.Test;

final class PipePoolTest {
    @Test
    void aboveTheLimitThereIsNoPipeUntilOneComesBack() {
        assumeTrue(Epoll.isAvailable());
        PipePool pipes = new PipePool(SpliceMode.ALWAYS, 1);
        Pipe pipe = pipes.acquire();
        assertThat(pipes.acquire()).isNull();
        assertThat(pipes.usage().exhaustedTotal()).isOne();

        pipes.release(pipe);
        assertThat(pipes.acquire()).isSameAs(pipe);
        pipes.discard(pipe);
        assertThat(pipes.usage().open()).isZero();
        pipes.discard(pipes.acquire());
    }
}
