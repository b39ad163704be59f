package link.ambassador.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/**
 * A picture of a retarget, from the events that {@code kubernetes/quickstart/timeline} recorded, one for each line:
 * {@code <RFC 3339> <kind> [<text>]}.
 *
 * <pre>
 * kind      | meaning
 * sent      | kubectl was started
 * accepted  | kubectl returned
 * annotated | the pod's annotation has the new table
 * applied   | the relay logged that it serves the new table
 * answer    | the consumer's log; the text is the name of the target
 * converged | the Ambassador's condition
 * </pre>
 *
 * {@code annotated} and {@code applied} may be missing, because a gateway's pods are elsewhere.
 */
record RetargetTimeline(List<Moment> moments) {
    private static final Duration BEFORE = Duration.ofMillis(500);
    private static final Duration AFTER = Duration.ofMillis(400);
    private static final int LEFT = 236;
    private static final int RIGHT = 776;
    private static final int ROW = 40;
    private static final int FIRST_ROW = 84;

    /** One line of the input. */
    record Moment(Instant at, String kind, String text) {
        static Moment of(String line) {
            String[] words = line.split(" ", 3);
            if (words.length < 2) {
                throw new IllegalArgumentException("not '<time> <kind> [<text>]': " + line);
            }
            return new Moment(Instant.parse(words[0]), words[1], words.length == 3 ? words[2] : "");
        }
    }

    /** Usage: {@code RetargetTimeline <file>}; the SVG goes to stdout. */
    public static void main(String... arguments) throws IOException {
        String svg = read(Files.readAllLines(Path.of(arguments[0]))).svg();
        System.out.write(svg.getBytes(StandardCharsets.UTF_8));
        System.out.flush();
    }

    static RetargetTimeline read(List<String> lines) {
        return new RetargetTimeline(lines.stream()
                .map(Moment::of)
                .sorted((a, b) -> a.at.compareTo(b.at))
                .toList());
    }

    /** @throws IllegalArgumentException if the first or the last event is missing */
    String svg() {
        StringBuilder svg = new StringBuilder();
        String from = before().text;
        Moment moved = moved();
        String to = moved.text;
        answers().stream()
                .filter(answer -> !answer.text.equals(from) && !answer.text.equals(to))
                .findFirst()
                .ifPresent(answer -> {
                    throw new IllegalArgumentException(
                            "an answer that is neither %s nor %s: %s".formatted(from, to, answer));
                });
        int bottom = FIRST_ROW + 5 * ROW;

        svg.append(
                """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 %d" role="img" font-size="13"
                     font-family="system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif">
                <title>A retarget from %s to %s, in milliseconds since kubectl was started</title>
                <style>
                  .card { fill: #ffffff; stroke: #d0d7de } .text { fill: #1f2328 } .quiet { fill: #59636e }
                  .line { stroke: #d0d7de } .mark { fill: #0969da } .old { fill: #bf8700 } .new { fill: #1a7f37 }
                  @media (prefers-color-scheme: dark) {
                    .card { fill: #0d1117; stroke: #3d444d } .text { fill: #e6edf3 } .quiet { fill: #9198a1 }
                    .line { stroke: #3d444d } .mark { fill: #4493f8 } .old { fill: #d29922 } .new { fill: #3fb950 }
                  }
                </style>
                <rect class="card" x="0.5" y="0.5" width="799" height="%d" rx="8"/>
                <text class="text" x="20" y="30" font-size="16" font-weight="600">A running consumer moves from %s to %s</text>
                <text class="quiet" x="20" y="50">%d answers, none an error; milliseconds since kubectl was started; %s</text>
                """
                        .formatted(
                                bottom + 44,
                                from,
                                to,
                                bottom + 43,
                                from,
                                to,
                                answers().size(),
                                LocalDate.ofInstant(zero(), ZoneOffset.UTC)));
        axis(svg, bottom);
        int row = 0;
        span(svg, row++);
        mark(svg, row++, "operator: annotates the pod", first("annotated"), "");
        mark(svg, row++, "relay: serves the new table", first("applied"), "");
        answers(svg, row++, from, moved);
        mark(svg, row, "status: the relay has agreed", first("converged"), " Converged");
        return svg.append("</svg>\n").toString();
    }

    private void axis(StringBuilder svg, int bottom) {
        long step = end() > 4_000 ? 1_000 : end() > 1_600 ? 500 : 250;
        for (long millis = -BEFORE.toMillis() / step * step; millis <= end(); millis += step) {
            svg.append("<line class=\"line\" x1=\"%1$d\" y1=\"%2$d\" x2=\"%1$d\" y2=\"%3$d\"/>\n"
                    .formatted(x(millis), FIRST_ROW - 16, bottom));
            svg.append("<text class=\"quiet\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n"
                    .formatted(x(millis), bottom + 20, millis == 0 ? "0 ms" : millis));
        }
    }

    /** From kubectl's start to its end. */
    private void span(StringBuilder svg, int row) {
        long millis = millis(required("accepted"));
        label(svg, row, "you: kubectl patch amb redis");
        svg.append("<rect class=\"mark\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"10\" rx=\"3\"/>\n"
                .formatted(x(0), y(row) - 5, Math.max(3, x(millis) - x(0))));
        after(svg, row, millis, "", "text");
    }

    private void mark(StringBuilder svg, int row, String label, Optional<Moment> moment, String word) {
        label(svg, row, label);
        moment.ifPresent(there -> {
            svg.append("<circle class=\"mark\" cx=\"%d\" cy=\"%d\" r=\"5\"/>\n".formatted(x(millis(there)), y(row)));
            after(svg, row, millis(there), word, "text");
        });
    }

    /** Circles for the old target, squares for the new one, for readers who cannot tell colours apart. */
    private void answers(StringBuilder svg, int row, String from, Moment moved) {
        label(svg, row, "consumer: its answers");
        for (Moment answer : answers()) {
            int x = x(millis(answer));
            svg.append(
                    answer.text.equals(from)
                            ? "<circle class=\"old\" cx=\"%d\" cy=\"%d\" r=\"4\"/>\n".formatted(x, y(row))
                            : "<rect class=\"new\" x=\"%d\" y=\"%d\" width=\"8\" height=\"8\"/>\n"
                                    .formatted(x - 4, y(row) - 4));
        }
        svg.append("<text class=\"old\" x=\"%d\" y=\"%d\">%s</text>\n".formatted(LEFT, y(row) - 11, from));
        svg.append("<text class=\"new\" x=\"%d\" y=\"%d\">%s, from %d on</text>\n"
                .formatted(x(millis(moved)) - 4, y(row) - 11, moved.text, millis(moved)));
    }

    private static void label(StringBuilder svg, int row, String label) {
        svg.append("<text class=\"text\" x=\"20\" y=\"%d\">%s</text>\n".formatted(y(row) + 4, label));
    }

    private void after(StringBuilder svg, int row, long millis, String word, String style) {
        svg.append("<text class=\"%s\" x=\"%d\" y=\"%d\">%d%s</text>\n"
                .formatted(style, x(millis) + 10, y(row) + 4, millis, word));
    }

    private List<Moment> answers() {
        Instant from = zero().minus(BEFORE);
        Instant to = zero().plusMillis(end());
        return moments.stream()
                .filter(moment -> moment.kind.equals("answer"))
                .filter(moment -> !moment.at.isBefore(from) && !moment.at.isAfter(to))
                .toList();
    }

    /** The last answer before kubectl was started, however long before: on a busy machine a consumer may be slow. */
    private Moment before() {
        return moments.stream()
                .filter(moment -> moment.kind.equals("answer") && !moment.at.isAfter(zero()))
                .reduce((earlier, later) -> later)
                .orElseThrow(() -> new IllegalArgumentException("no answer before kubectl was started: " + moments));
    }

    /** The first answer of the new target. */
    private Moment moved() {
        String from = before().text;
        return moments.stream()
                .filter(moment ->
                        moment.kind.equals("answer") && moment.at.isAfter(zero()) && !moment.text.equals(from))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no answer but " + from + ": " + moments));
    }

    private Optional<Moment> first(String kind) {
        return moments.stream().filter(moment -> moment.kind.equals(kind)).findFirst();
    }

    private Moment required(String kind) {
        return first(kind).orElseThrow(() -> new IllegalArgumentException("nothing of the kind '" + kind + "'"));
    }

    private Instant zero() {
        return required("sent").at;
    }

    private long millis(Moment moment) {
        return Duration.between(zero(), moment.at).toMillis();
    }

    /** The right end of the picture. */
    private long end() {
        return Math.max(millis(required("converged")), millis(moved())) + AFTER.toMillis();
    }

    private int x(long millis) {
        long before = BEFORE.toMillis();
        return (int) (LEFT + (millis + before) * (RIGHT - LEFT) / (end() + before));
    }

    private static int y(int row) {
        return FIRST_ROW + row * ROW + ROW / 4;
    }
}
