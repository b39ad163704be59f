package link.ambassador.relay.probe;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import link.ambassador.config.HealthCheck;
import link.ambassador.config.Printable;
import link.ambassador.config.Target;

/**
 * What one probe says on its connection, and what it makes of the answers. It is told of bytes, of quiet and of the end, and has no
 * connection itself. Each answer has at most {@link HealthCheck.Step#MAX_ANSWER_BYTES} bytes.
 */
final class Dialogue {
    /** An answer that ends with a line, and this long nothing behind it, is whole. */
    static final int QUIET_MILLIS = 100;

    private static final int SHOWN_BYTES = 80;
    private static final byte[] STATUS_LINE = "HTTP/1.".getBytes(StandardCharsets.US_ASCII);

    /** How far it is. */
    sealed interface Verdict {
        /** Nothing is decided: read on. */
        record Undecided() implements Verdict {}

        /** Send this in UTF-8, and read on. */
        record Send(String text) implements Verdict {}

        /** The target is healthy. */
        record Good() implements Verdict {}

        /** It answered, and is not: why is a sentence that follows the target's name. */
        record Bad(String why) implements Verdict {}

        /** It did not answer: such a sentence. */
        record Unanswered(String why) implements Verdict {}
    }

    private static final Verdict UNDECIDED = new Verdict.Undecided();
    private static final Verdict GOOD = new Verdict.Good();

    /** @param isSecret whether the answer may repeat a credential */
    private record Turn(String send, String expect, boolean isSecret) {}

    private final List<Turn> turns = new ArrayList<>();
    private final HealthCheck.Check check;
    private byte[] answer = new byte[256];
    private byte[] expect = new byte[0];
    private int length;
    private int turn = -1;

    private Dialogue(HealthCheck.Check check) {
        this.check = check;
    }

    /** @param credential replaces what stands for it */
    static Dialogue of(HealthCheck.Check check, Target target, Optional<String> credential) {
        Dialogue dialogue = new Dialogue(check);
        if (check instanceof HealthCheck.Http http) {
            String request = "GET " + http.path() + " HTTP/1.1\r\nHost: " + target
                    + "\r\nUser-Agent: ambassador-health-check\r\nAccept: */*\r\nConnection: close\r\n\r\n";
            dialogue.turns.add(new Turn(request, "", false));
        } else if (check instanceof HealthCheck.Exchange exchange) {
            for (HealthCheck.Step step : exchange.steps()) {
                String send = step.send().replace(HealthCheck.Exchange.PLACEHOLDER, credential.orElse(""));
                dialogue.turns.add(new Turn(send, step.expect(), credential.isPresent()));
            }
        }
        return dialogue;
    }

    /** The connection is there. */
    Verdict begin() {
        return turns.isEmpty() ? UNDECIDED : next();
    }

    private Verdict next() {
        if (++turn == turns.size()) {
            return GOOD;
        }
        length = 0;
        String send = turns.get(turn).send();
        expect = turns.get(turn).expect().getBytes(StandardCharsets.UTF_8);
        return send.isEmpty() ? UNDECIDED : new Verdict.Send(send);
    }

    /** The target sent these bytes. */
    Verdict received(byte[] bytes) {
        if (turns.isEmpty()) {
            return GOOD;
        }
        int from = length;
        int room = HealthCheck.Step.MAX_ANSWER_BYTES - length;
        int taken = Math.min(room, bytes.length);
        if (length + taken > answer.length) {
            answer = Arrays.copyOf(answer, Math.min(HealthCheck.Step.MAX_ANSWER_BYTES, 2 * (length + taken)));
        }
        System.arraycopy(bytes, 0, answer, length, taken);
        length += taken;
        Verdict verdict = check instanceof HealthCheck.Http http ? statusOf(http) : expected(from);
        return verdict == UNDECIDED && length == HealthCheck.Step.MAX_ANSWER_BYTES ? whole() : verdict;
    }

    private Verdict expected(int from) {
        return indexOf(expect, Math.max(0, from - expect.length + 1)) < 0 ? UNDECIDED : next();
    }

    /** Passes over interim answers (RFC 9110, section 15.2). */
    private Verdict statusOf(HealthCheck.Http http) {
        int at = 0;
        while (true) {
            int end = indexOf(new byte[] {'\n'}, at);
            boolean isHttp = length - at < STATUS_LINE.length
                    || Arrays.equals(answer, at, at + STATUS_LINE.length, STATUS_LINE, 0, STATUS_LINE.length);
            if (!isHttp) {
                return new Verdict.Bad("its answer is not HTTP/1: " + shown(at));
            }
            if (end < 0) {
                return UNDECIDED;
            }
            int status = status(at, end);
            if (status < 0) {
                return new Verdict.Bad("its answer has no status: " + shown(at));
            }
            if (status >= 200) {
                return http.expectedStatuses().contains(status)
                        ? GOOD
                        : new Verdict.Bad("it answered " + Printable.text(http.path()) + " with " + status);
            }
            int head = indexOf("\r\n\r\n".getBytes(StandardCharsets.US_ASCII), at);
            if (head < 0) {
                return UNDECIDED;
            }
            at = head + 4;
        }
    }

    /** The three digits behind {@code HTTP/1.1 }; -1 if there are none. */
    private int status(int from, int end) {
        int status = 0;
        int at = from + STATUS_LINE.length + 2;
        if (end - at < 3 || answer[at - 1] != ' ') {
            return -1;
        }
        for (int i = at; i < at + 3; i++) {
            if (answer[i] < '0' || answer[i] > '9') {
                return -1;
            }
            status = 10 * status + answer[i] - '0';
        }
        byte behind = answer[at + 3];
        return status >= 100 && (behind == ' ' || behind == '\r' || behind == '\n') ? status : -1;
    }

    /** For {@link #QUIET_MILLIS} nothing came. */
    Verdict quiet() {
        if (turns.isEmpty()) {
            return GOOD;
        }
        return length > 0 && answer[length - 1] == '\n' && check instanceof HealthCheck.Exchange ? whole() : UNDECIDED;
    }

    /** The target ended the connection. */
    Verdict ended() {
        if (turns.isEmpty()) {
            return new Verdict.Unanswered("it accepted a connection and ended it without a byte");
        }
        return length == 0 ? new Verdict.Unanswered("it ended the connection without an answer") : whole();
    }

    private Verdict whole() {
        if (check instanceof HealthCheck.Http) {
            return new Verdict.Bad("its answer has no status in its first " + HealthCheck.Step.MAX_ANSWER_BYTES
                    + " bytes: " + shown(0));
        }
        Turn now = turns.get(turn);
        String expected = Printable.text(now.expect());
        return new Verdict.Bad(
                now.isSecret()
                        ? "its answer to step " + (turn + 1) + " of the health check does not have \"" + expected + '"'
                        : "its answer does not have \"" + expected + "\": " + shown(0));
    }

    private String shown(int from) {
        int end = Math.min(length, from + SHOWN_BYTES);
        return '"' + Printable.text(new String(answer, from, end - from, StandardCharsets.ISO_8859_1)) + '"';
    }

    private int indexOf(byte[] what, int from) {
        for (int at = from; at + what.length <= length; at++) {
            if (Arrays.equals(answer, at, at + what.length, what, 0, what.length)) {
                return at;
            }
        }
        return -1;
    }
}
