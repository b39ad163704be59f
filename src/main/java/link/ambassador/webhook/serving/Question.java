package link.ambassador.webhook.serving;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import org.jboss.logging.Logger;

/**
 * One review on its way: from its first byte until its answer is written, or its connection is gone. All that time its bytes
 * are counted, for one who does not read an answer has us keep it. On its connection's event loop.
 */
final class Question {
    private static final Logger LOG = Logger.getLogger(Question.class);

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final BodyBudget.Share share;
    private final InjectionMeters meters;
    private Runnable whenOver = () -> {};
    private boolean isRead;
    private boolean over;

    Question(HttpServerRequest request, BodyBudget.Share share, InjectionMeters meters) {
        this.request = request;
        this.response = request.response();
        this.share = share;
        this.meters = meters;
        response.exceptionHandler(gone -> LOG.debugf("the client closed before its answer: %s", gone));
        response.closeHandler(closed -> over());
    }

    /** @param action once, when nothing of it is held any more */
    void whenOver(Runnable action) {
        whenOver = action;
    }

    /** Its body; never completes when it is refused meanwhile. */
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
            if (isTold()) {
                over();
            } else {
                read.complete(body);
            }
        });
        return read.future();
    }

    /** @param last whether the connection ends then */
    void answer(Buffer answer, boolean last) {
        if (isTold()) {
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
                .onComplete(written -> over());
    }

    /** The webhook's own failure, which the configuration's failurePolicy decides about. */
    void fail(String sentence) {
        if (!isTold()) {
            say(500, sentence);
        }
    }

    /**
     * Says no, keeps nothing more of it, and ends the connection with its last byte, for who still sends does not read; or by
     * {@link #tooLate}.
     */
    void refuse(int status, String sentence, String reason) {
        if (isTold()) {
            return;
        }
        meters.refused(reason);
        response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        say(status, sentence);
    }

    /** Who asked waits no longer, for the answer or for the end of it. */
    void tooLate() {
        refuse(503, "not answered within the time that the review says", "TooLate");
        if (!over) {
            request.connection().close();
        }
    }

    private void say(int status, String sentence) {
        request.handler(null);
        share.close();
        response.setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; charset=utf-8")
                .end(sentence)
                .onComplete(written -> {
                    if (isRead) {
                        over();
                    }
                });
    }

    private boolean isTold() {
        return over || response.ended() || response.closed();
    }

    private void over() {
        if (!over) {
            over = true;
            share.close();
            whenOver.run();
        }
    }
}
