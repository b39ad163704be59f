package io.netty.channel.epoll;

import io.netty.channel.ChannelId;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The id by which Vert.x finds a channel among those of its server or client. Netty's own is made of five parts and
 * hashed, which a connection for one request would pay for.
 */
final class NumberedChannelId implements ChannelId {
    private static final long serialVersionUID = 1;
    private static final AtomicInteger NEXT = new AtomicInteger();

    private final int number = NEXT.getAndIncrement();

    @Override
    public int hashCode() {
        return number;
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public String asShortText() {
        return Integer.toHexString(number);
    }

    @Override
    public String asLongText() {
        return asShortText();
    }

    @Override
    public int compareTo(ChannelId other) {
        return asLongText().compareTo(other.asLongText());
    }
}
