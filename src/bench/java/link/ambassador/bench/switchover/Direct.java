package link.ambassador.bench.switchover;

import java.net.InetSocketAddress;

/** Consumers that know both servers and look for the one that takes writes: all that libpq itself offers. */
record Direct(InetSocketAddress one, InetSocketAddress other) implements Way {
    @Override
    public String connection() {
        return "postgresql://%s@127.0.0.1:%d,127.0.0.1:%d/postgres?target_session_attrs=read-write"
                .formatted(Commands.USER, one.getPort(), other.getPort());
    }

    @Override
    public void hold() {}

    @Override
    public void move(InetSocketAddress primary) {}

    @Override
    public void close() {}
}
