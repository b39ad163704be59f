package link.ambassador.relay.dns;

import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.InetSocketAddress;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeoutException;
import link.ambassador.relay.dns.DnsExchange.Reply;
import link.ambassador.relay.dns.UnresolvedException.Reason;

/** Asks for the addresses of one name in one family, server by server, until one says what it knows. */
final class AddressQuery {
    private final DnsExchange exchange;
    private final Iterator<InetSocketAddress> tries;
    private final String fullName;
    private final DnsQuestion question;
    private final Promise<DnsAnswer> outcome = Promise.promise();
    private UnresolvedException failure;

    private AddressQuery(DnsExchange exchange, List<InetSocketAddress> tries, String fullName, DnsRecordType family) {
        this.exchange = exchange;
        this.tries = tries.iterator();
        this.fullName = fullName;
        this.question = new DefaultDnsQuestion(fullName + ".", family);
    }

    /** Fails with {@link UnresolvedException} when no server said anything of use. */
    static Future<DnsAnswer> ask(
            DnsExchange exchange, List<InetSocketAddress> tries, String fullName, DnsRecordType family) {
        AddressQuery query = new AddressQuery(exchange, tries, fullName, family);
        query.next();
        return query.outcome.future();
    }

    private void next() {
        if (!tries.hasNext()) {
            outcome.fail(failure);
            return;
        }
        InetSocketAddress server = tries.next();
        exchange.ask(server, question).onComplete(done -> answered(server, done));
    }

    private void answered(InetSocketAddress server, AsyncResult<Reply> done) {
        if (done.failed()) {
            boolean silent = done.cause() instanceof TimeoutException;
            failed(
                    silent ? Reason.TIMEOUT : Reason.SERVER_FAILURE,
                    silent
                            ? "no answer from " + shown(server) + " within 1 s"
                            : shown(server) + " could not be asked: " + done.cause());
            return;
        }
        DnsResponseCode code = done.result().code();
        if (code.equals(DnsResponseCode.NOERROR) || code.equals(DnsResponseCode.NXDOMAIN)) {
            outcome.complete(done.result().answer());
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
