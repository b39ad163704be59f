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

/** Queries the addresses of one name in one family, server by server, until one answers. */
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

    /** Fails with {@link UnresolvedException} if no server gave a usable answer. */
    static Future<DnsAnswer> send(
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
        exchange.query(server, question).onComplete(done -> answered(server, done));
    }

    private void answered(InetSocketAddress server, AsyncResult<Reply> done) {
        if (done.failed()) {
            boolean silent = done.cause() instanceof TimeoutException;
            failed(
                    silent ? Reason.TIMEOUT : Reason.SERVER_FAILURE,
                    silent
                            ? "no answer from " + text(server) + " within 1 s"
                            : text(server) + " could not be asked: " + done.cause());
            return;
        }
        DnsResponseCode code = done.result().code();
        if (code.equals(DnsResponseCode.NOERROR) || code.equals(DnsResponseCode.NXDOMAIN)) {
            outcome.complete(done.result().answer());
        } else {
            failed(Reason.SERVER_FAILURE, text(server) + " answered " + code);
        }
    }

    /** Of several failures, keeps a timeout, because waiting for it took the time. */
    private void failed(Reason reason, String what) {
        if (failure == null || failure.reason() != Reason.TIMEOUT) {
            failure = new UnresolvedException(reason, "'" + fullName + "': " + what);
        }
        next();
    }

    static String text(InetSocketAddress server) {
        return server.getAddress().getHostAddress() + "#" + server.getPort();
    }
}
