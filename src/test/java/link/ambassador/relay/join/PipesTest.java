package link.ambassador.relay.join;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.epoll.Epoll;
import org.junit.jupiter.api.Test;

final class PipesTest {
    @Test
    void overTheMostThereIsNoneUntilOneComesBack() {
        assumeTrue(Epoll.isAvailable());
        Pipes pipes = new Pipes(SpliceMode.ALWAYS, 1);
        Pipe pipe = pipes.take();
        assertThat(pipes.take()).isNull();
        assertThat(pipes.lackedTotal()).isOne();

        pipes.giveBack(pipe);
        assertThat(pipes.take()).isSameAs(pipe);
        pipes.discard(pipe);
        assertThat(pipes.open()).isZero();
        pipes.discard(pipes.take());
    }
}
