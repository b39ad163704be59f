package link.ambassador.relay.join;

import java.io.IOException;

/** Nothing more can be read from a peer, and what came is not its whole stream. Without a stack trace: peers cause it. */
public final class BrokenStreamException extends IOException {
    private final boolean truncated;

    public BrokenStreamException(Throwable cause) {
        this(String.valueOf(cause.getMessage()), false);
    }

    private BrokenStreamException(String message, boolean truncated) {
        super(message);
        this.truncated = truncated;
    }

    /** The connection ended, and nobody said that the stream did. */
    public static BrokenStreamException truncated() {
        return new BrokenStreamException("the connection ended in the middle of the stream", true);
    }

    boolean isTruncated() {
        return truncated;
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
