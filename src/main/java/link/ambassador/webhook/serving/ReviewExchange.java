package link.ambassador.webhook.serving;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import org.jboss.logging.Logger;

/**
 * The exchange of one review: from its first byte until its answer is written, or its connection is closed. Its bytes are counted for
 * all that time, because a client that does not read its answer makes the webhook keep it. On its connection's event loop.
 */
final class ReviewExchange {
    private static final Logger LOG = Logger.getLogger(ReviewExchange.class);

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final BodyBudget.Share share;
    private final InjectionMeters meters;
    private Runnable whenEnded = () -> {};
    private boolean isRead;
    private boolean ended;

    ReviewExchange(HttpServerRequest request, BodyBudget.Share share, InjectionMeters meters) {
        this.request = request;
        this.response = request.response();
        this.share = share;
        this.meters = meters;
        response.exceptionHandler(gone -> LOG.debugf("the client closed before its answer: %s", gone));
        response.closeHandler(closed -> end());
    }

    /** @param action called once, when the exchange holds nothing any more */
    void whenEnded(Runnable action) {
        whenEnded = action;
    }

    /** The body of the review; never completes when the review is refused meanwhile. */
    Future<Buffer> read(int mostBytes) {
        Promise<Buffer> read = Promise.promise();
        Buffer body = Buffer.buffer();
        request.exceptionHandler(gone -> LOG.debugf("an admission review ended early: %s", gone));
        request.handler(chunk -> {
            if (body.length() + chunk.length() > mostBytes) {
                refuse(413, "a review may have " + mostBytes + " bytes", "TooManyBytes");
            } else if (!share.grow(chunk.length())) {
                refuse(503, "too many bytes of other reviews are unanswered", "NoRoom");
            } else {
                body.appendBuffer(chunk);
            }
        });
        request.endHandler(whole -> {
            isRead = true;
            if (isAnswered()) {
                end();
            } else {
                read.complete(body);
            }
        });
        return read.future();
    }

    /** @param last whether to close the connection after the answer */
    void answer(Buffer answer, boolean last) {
        if (isAnswered()) {
            return;
        }
        if (!share.grow(answer.length())) {
            refuse(503, "too many bytes of other reviews are unanswered", "NoRoom");
            return;
        }
        if (last) {
            response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(answer)
                .onComplete(written -> end());
    }

    /** Answers with a failure of the webhook itself; the configuration's failurePolicy decides what follows. */
    void fail(String sentence) {
        if (!isAnswered()) {
            send(500, sentence);
        }
    }

    /**
     * Refuses the review and keeps no more bytes of it. The connection ends with the last byte of the body, because a client that still
     * sends does not read; or by {@link #tooLate}.
     */
    void refuse(int status, String sentence, String reason) {
        if (isAnswered()) {
            return;
        }
        meters.refused(reason);
        response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        send(status, sentence);
    }

    /** The client waits no longer for the answer, or for the end of it. */
    void tooLate() {
        refuse(503, "not answered within the time that the review says", "TooLate");
        if (!ended) {
            request.connection().close();
        }
    }

    private void send(int status, String sentence) {
        request.handler(null);
        share.close();
        response.setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; charset=utf-8")
                .end(sentence)
                .onComplete(written -> {
                    if (isRead) {
                        end();
                    }
                });
    }

    private boolean isAnswered() {
        return ended || response.ended() || response.closed();
    }

    private void end() {
        if (!ended) {
            ended = true;
            share.close();
            whenEnded.run();
        }
    }
}
