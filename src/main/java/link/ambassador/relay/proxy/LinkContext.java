package link.ambassador.relay.proxy;

import io.netty.channel.EventLoop;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.net.NetClient;
import java.net.InetSocketAddress;
import java.util.function.Predicate;
import java.util.function.Supplier;
import link.ambassador.relay.dial.Connector;
import link.ambassador.relay.dial.Dials;
import link.ambassador.relay.dial.TargetHealth;
import link.ambassador.relay.dns.Resolver;
import link.ambassador.relay.join.ByteBudget;
import link.ambassador.relay.join.PipePool;
import link.ambassador.relay.join.RelayTransport;
import link.ambassador.relay.join.SelfConnect;
import link.ambassador.relay.join.Turns;
import link.ambassador.relay.probe.CredentialFiles;
import link.ambassador.relay.proxyprotocol.Pod;
import link.ambassador.relay.tls.RelayTls;

/** What all links of a relay share. On the event loop. */
public record LinkContext(
        ContextInternal context,
        Turns turns,
        RelayTransport transport,
        NetClient client,
        Resolver resolver,
        SelfConnect selfConnect,
        Limits limits,
        Releases releases,
        ListenAddresses addresses,
        Supplier<RelayTls> tls,
        CredentialFiles credentials,
        Pod pod,
        Predicate<InetSocketAddress> isOwnListener,
        Runnable acceptFailed) {
    EventLoop loop() {
        return context.nettyEventLoop();
    }

    /** For connects that are for no downstream: nothing is counted, and no target is ejected because of them. */
    Dials uncountedDials(Connector connector) {
        return new Dials(
                loop(), resolver, connector, new TargetHealth(), isOwnListener, (target, result) -> {}, change -> {});
    }

    /** What bounds all links of a relay together. */
    public record Limits(ByteBudget budget, PipePool pipes, FileDescriptors descriptors) {}
}
