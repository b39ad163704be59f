package link.ambassador.relay.names;

import io.netty.channel.AddressedEnvelope;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverTimeoutException;
import io.netty.util.concurrent.Future;
import io.vertx.core.Promise;
import java.net.InetSocketAddress;
import java.util.Iterator;
import java.util.List;
import link.ambassador.relay.names.UnresolvedException.Reason;

/** Asks for the addresses of one name in one family, server by server, until one says what it knows. */
final class FamilyQuery {
    private final DnsNameResolver resolver;
    private final Iterator<InetSocketAddress> tries;
    private final String fullName;
    private final DnsQuestion question;
    private final Promise<DnsAnswer> outcome = Promise.promise();
    private UnresolvedException failure;

    private FamilyQuery(
            DnsNameResolver resolver, List<InetSocketAddress> tries, String fullName, DnsRecordType family) {
        this.resolver = resolver;
        this.tries = tries.iterator();
        this.fullName = fullName;
        this.question = new DefaultDnsQuestion(fullName + ".", family);
    }

    /** Fails with {@link UnresolvedException} when no server said anything of use. */
    static io.vertx.core.Future<DnsAnswer> ask(
            DnsNameResolver resolver, List<InetSocketAddress> tries, String fullName, DnsRecordType family) {
        FamilyQuery query = new FamilyQuery(resolver, tries, fullName, family);
        query.next();
        return query.outcome.future();
    }

    private void next() {
        if (!tries.hasNext()) {
            outcome.fail(failure);
            return;
        }
        InetSocketAddress server = tries.next();
        resolver.query(server, question)
                .addListener((Future<AddressedEnvelope<DnsResponse, InetSocketAddress>> done) -> {
                    if (done.isSuccess()) {
                        answered(server, done.getNow());
                    } else {
                        boolean silent = done.cause() instanceof DnsNameResolverTimeoutException;
                        failed(
                                silent ? Reason.TIMEOUT : Reason.SERVER_FAILURE,
                                silent
                                        ? "no answer from " + shown(server) + " within 1 s"
                                        : shown(server) + " could not be asked: " + done.cause());
                    }
                });
    }

    private void answered(InetSocketAddress server, AddressedEnvelope<DnsResponse, InetSocketAddress> envelope) {
        DnsResponseCode code = envelope.content().code();
        DnsAnswer answer;
        try {
            answer = DnsAnswer.of(question, envelope.content());
        } catch (RuntimeException malformed) {
            failed(Reason.SERVER_FAILURE, shown(server) + " answered what cannot be read: " + malformed);
            return;
        } finally {
            envelope.release();
        }
        if (code.equals(DnsResponseCode.NOERROR) || code.equals(DnsResponseCode.NXDOMAIN)) {
            outcome.complete(answer);
        } else {
            failed(Reason.SERVER_FAILURE, shown(server) + " answered " + code);
        }
    }

    /** Of several failures a silence is told, since waiting for it is what took the time. */
    private void failed(Reason reason, String what) {
        if (failure == null || failure.reason() != Reason.TIMEOUT) {
            failure = new UnresolvedException(reason, "'" + fullName + "': " + what);
        }
        next();
    }

    static String shown(InetSocketAddress server) {
        return server.getAddress().getHostAddress() + "#" + server.getPort();
    }
}
