package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class BuffersTest {
    private static final int PAGE_BYTES = 8 * 1024;
    private static final int PAGES_AS_POWER_OF_TWO = 6;
    private static final int CHUNK_BYTES = PAGE_BYTES << PAGES_AS_POWER_OF_TWO;
    private static final int BUFFER_BYTES = 16 * 1024;
    private static final int MOST_CACHED = 256;

    private final PooledByteBufAllocator allocator =
            new PooledByteBufAllocator(true, 0, 1, PAGE_BYTES, PAGES_AS_POWER_OF_TWO, MOST_CACHED, MOST_CACHED, true);

    @Test
    void onlyTheLastFreeChunkIsKept() throws Exception {
        EventLoop loop = new DefaultEventLoop();
        try {
            assertThat(loop.submit(this::directBytesAfterALoad).get()).isGreaterThan(CHUNK_BYTES);
            loop.submit(() -> Buffers.releaseUnused(allocator)).get();
            assertThat(allocator.metric().usedDirectMemory()).isLessThanOrEqualTo(CHUNK_BYTES);
        } finally {
            loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        }
    }

    private long directBytesAfterALoad() {
        List<ByteBuf> buffers = Stream.generate(() -> allocator.directBuffer(BUFFER_BYTES))
                .limit(4L * CHUNK_BYTES / BUFFER_BYTES)
                .toList();
        buffers.forEach(ByteBuf::release);
        return allocator.metric().usedDirectMemory();
    }
}
