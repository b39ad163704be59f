package link.ambassador.bench.switchover;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Map;
import link.ambassador.bench.switchover.Consumers.Transaction;
import link.ambassador.bench.switchover.Switchover.Seen;

/**
 * What consumers see of a switchover, a row for each way: transactions over time, a mark for each error.
 *
 * @param ways in the order of the rows
 */
record SwitchoverPicture(Map<String, Seen> ways) {
    private static final int BEFORE_MILLIS = 1_000;
    private static final int AFTER_MILLIS = 4_000;
    private static final int BIN_MILLIS = 100;
    /** Three times what ends in that time without a switchover. A pooler that catches up ends many more at once. */
    private static final int MOST_SHOWN = 3 * Consumers.COUNT * Consumers.TRANSACTIONS_PER_SECOND * BIN_MILLIS / 1_000;

    private static final int LEFT = 20;
    private static final int RIGHT = 780;
    private static final int FIRST_ROW = 74;
    private static final int ROW = 78;
    private static final int BAND = 40;

    String svg() {
        int bottom = FIRST_ROW + ways.size() * ROW;
        StringBuilder svg = new StringBuilder(
                """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 %1$d" role="img" font-size="13"
                     font-family="system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif">
                <title>Transactions over time while PostgreSQL is switched over, for each way to reach it</title>
                <style>
                  .card { fill: #ffffff; stroke: #d0d7de } .text { fill: #1f2328 } .quiet { fill: #59636e }
                  .line { stroke: #d0d7de } .bar { fill: #0969da } .error { fill: #cf222e }
                  @media (prefers-color-scheme: dark) {
                    .card { fill: #0d1117; stroke: #3d444d } .text { fill: #e6edf3 } .quiet { fill: #9198a1 }
                    .line { stroke: #3d444d } .bar { fill: #4493f8 } .error { fill: #f85149 }
                  }
                </style>
                <rect class="card" x="0.5" y="0.5" width="799" height="%2$d" rx="8"/>
                <text class="text" x="20" y="30" font-size="16" font-weight="600">PostgreSQL is switched over under %3$d consumers</text>
                <text class="quiet" x="20" y="50">Bars: transactions that ended in each tenth of a second, cut at %5$d. Crosses: errors. %4$s</text>
                """
                        .formatted(
                                bottom + 34, bottom + 33, Consumers.COUNT, LocalDate.now(ZoneOffset.UTC), MOST_SHOWN));
        for (int millis = -BEFORE_MILLIS; millis <= AFTER_MILLIS; millis += 1_000) {
            svg.append("<line class=\"line\" x1=\"%1$d\" y1=\"%2$d\" x2=\"%1$d\" y2=\"%3$d\"/>\n"
                    .formatted(x(millis), FIRST_ROW - 8, bottom));
            svg.append("<text class=\"quiet\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n"
                    .formatted(x(millis), bottom + 20, millis / 1_000 + " s"));
        }
        int row = 0;
        for (Map.Entry<String, Seen> way : ways.entrySet()) {
            row(svg, FIRST_ROW + row++ * ROW, way.getKey(), way.getValue());
        }
        return svg.append("</svg>\n").toString();
    }

    private static void row(StringBuilder svg, int top, String way, Seen seen) {
        svg.append("<text class=\"text\" x=\"%d\" y=\"%d\" font-weight=\"600\">%s</text>\n"
                .formatted(LEFT + 2, top + 14, way));
        svg.append("<text class=\"%s\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%d errors, longest wait %s s</text>\n"
                .formatted(
                        seen.errors() > 0 ? "error" : "text",
                        RIGHT - 2,
                        top + 14,
                        seen.errors(),
                        String.format(Locale.ROOT, "%.2f", seen.waitMillis() / 1_000)));
        int floor = top + 22 + BAND;
        int[] bins = bins(seen);
        for (int bin = 0; bin < bins.length; bin++) {
            int height = Math.min(bins[bin], MOST_SHOWN) * BAND / MOST_SHOWN;
            int left = x(bin * BIN_MILLIS - BEFORE_MILLIS);
            svg.append("<rect class=\"bar\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n"
                    .formatted(left + 1, floor - height, x((bin + 1) * BIN_MILLIS - BEFORE_MILLIS) - left - 2, height));
        }
        for (long error : seen.consumers().errorsAtMillis()) {
            long millis = error - seen.begunAtMillis();
            if (millis >= -BEFORE_MILLIS && millis < AFTER_MILLIS) {
                svg.append("<text class=\"error\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">×</text>\n"
                        .formatted(x((int) millis), floor - 4));
            }
        }
        svg.append("<line class=\"line\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n"
                .formatted(LEFT, floor, RIGHT, floor));
    }

    /** How many transactions ended in each tenth of a second of the picture. */
    private static int[] bins(Seen seen) {
        int[] bins = new int[(BEFORE_MILLIS + AFTER_MILLIS) / BIN_MILLIS];
        for (Transaction transaction : seen.consumers().transactions()) {
            long bin = Math.floorDiv(transaction.atMillis() - seen.begunAtMillis() + BEFORE_MILLIS, BIN_MILLIS);
            if (bin >= 0 && bin < bins.length) {
                bins[(int) bin]++;
            }
        }
        return bins;
    }

    private static int x(int millis) {
        return LEFT + (millis + BEFORE_MILLIS) * (RIGHT - LEFT) / (BEFORE_MILLIS + AFTER_MILLIS);
    }
}
