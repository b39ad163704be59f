package link.ambassador.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A dashboard as an SVG image: each panel at its place, with the results of its queries. Grafana has no part in it, and draws the same
 * results in its own way.
 */
public final class DashboardPicture {
    private static final int COLUMN = 50;
    private static final int ROW = 30;
    private static final int HEADER = 60;
    private static final int LEGEND_LINES = 4;
    private static final Pattern LABEL = Pattern.compile("\\{\\{([a-z_]+)}}");
    private static final List<String> COLOURS =
            List.of("#0969da", "#bc4c00", "#1a7f37", "#8250df", "#cf222e", "#9a6700", "#1b7c83", "#6e7781");
    private static final Map<String, String> BACKGROUNDS =
            Map.of("blue", "#0969da", "green", "#1a7f37", "red", "#cf222e");

    private final Prometheus prometheus;
    private final Instant from;
    private final Instant to;
    private final StringBuilder svg = new StringBuilder();

    /** One line of a graph: its name, and its values by the second. */
    private record Series(String name, Map<Double, Double> values) {
        double last() {
            return values.values().stream().reduce(Double.NaN, (first, second) -> second);
        }
    }

    private DashboardPicture(Prometheus prometheus, Instant from, Instant to) {
        this.prometheus = prometheus;
        this.from = from;
        this.to = to;
    }

    /** Asks for the results of all panels, from one moment to another, and draws them. */
    public static String of(JsonNode dashboard, Prometheus prometheus, Instant from, Instant to)
            throws IOException, InterruptedException {
        DashboardPicture picture = new DashboardPicture(prometheus, from, to);
        picture.draw(dashboard);
        return picture.svg.toString();
    }

    private void draw(JsonNode dashboard) throws IOException, InterruptedException {
        int rows = StreamSupport.stream(dashboard.path("panels").spliterator(), false)
                .map(panel -> panel.path("gridPos"))
                .mapToInt(place -> place.path("y").asInt() + place.path("h").asInt())
                .max()
                .orElseThrow();
        put(
                "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' role='img' font-size='12'"
                        + " font-family=\"system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif\">",
                24 * COLUMN, HEADER + rows * ROW);
        put(
                """
                <style>
                  .page { fill: #f6f8fa } .card { fill: #ffffff; stroke: #d0d7de } .text { fill: #1f2328 } .quiet { fill: #59636e }
                  .line { stroke: #d0d7de } .value { fill: #ffffff }
                </style>""");
        put("<title>%s</title>", escaped(dashboard.path("title").asText()));
        put("<rect class='page' width='100%%' height='100%%'/>");
        text(
                "text",
                12,
                26,
                48,
                "font-size='18' font-weight='600'",
                dashboard.path("title").asText());
        text(
                "quiet",
                12,
                46,
                200,
                "",
                "The results of the panels' queries in a test, drawn without Grafana. Times in seconds.");
        for (JsonNode panel : dashboard.path("panels")) {
            drawPanel(panel);
        }
        put("</svg>");
    }

    private void drawPanel(JsonNode panel) throws IOException, InterruptedException {
        JsonNode place = panel.path("gridPos");
        int x = place.path("x").asInt() * COLUMN;
        int y = HEADER + place.path("y").asInt() * ROW;
        int width = place.path("w").asInt() * COLUMN;
        int height = place.path("h").asInt() * ROW;
        put("<g transform='translate(%d %d)'>", x, y);
        put("<rect class='card' x='3.5' y='3.5' width='%d' height='%d' rx='4'/>", width - 7, height - 7);
        switch (panel.path("type").asText()) {
            case "stat" -> drawStat(panel, width, height);
            case "table" -> drawTable(panel, width, height);
            case "timeseries" -> drawGraph(panel, width, height);
            default -> throw new AssertionError("cannot draw a panel of type " + panel.path("type"));
        }
        put("</g>");
    }

    private void title(String cssClass, JsonNode panel, int width) {
        text(
                cssClass,
                14,
                24,
                width / 7,
                "font-weight='600'",
                panel.path("title").asText());
    }

    private void drawStat(JsonNode panel, int width, int height) throws IOException, InterruptedException {
        double value = prometheus
                .query(Dashboards.expression(panel.path("targets").path(0)))
                .get(0)
                .path("value")
                .path(1)
                .asDouble();
        String colour = "";
        for (JsonNode step :
                panel.path("fieldConfig").path("defaults").path("thresholds").path("steps")) {
            if (step.path("value").isNull() || value >= step.path("value").asDouble()) {
                colour = BACKGROUNDS.get(step.path("color").asText());
            }
        }
        put("<rect x='4' y='4' width='%d' height='%d' rx='4' fill='%s'/>", width - 8, height - 8, colour);
        title("value", panel, width);
        text("value", width / 2, height / 2 + 30, 12, "font-size='40' text-anchor='middle'", readable(value, "short"));
    }

    private void drawTable(JsonNode panel, int width, int height) throws IOException, InterruptedException {
        title("text", panel, width);
        JsonNode hidden = panel.path("transformations").path(0).path("options").path("excludeByName");
        List<JsonNode> rows = prometheus
                .query(Dashboards.expression(panel.path("targets").path(0)))
                .stream()
                .map(series -> series.path("metric"))
                .toList();
        List<String> columns = rows.stream()
                .flatMap(row -> names(row).filter(name -> !hidden.has(name)))
                .distinct()
                .sorted()
                .toList();
        int column = (width - 28) / Math.max(columns.size(), 1);
        int most = (height - 60) / 20;
        for (int i = 0; i < columns.size(); i++) {
            text("quiet", 14 + i * column, 46, column / 7, "font-weight='600'", columns.get(i));
            for (int j = 0; j < Math.min(rows.size(), most); j++) {
                text(
                        "text",
                        14 + i * column,
                        68 + j * 20,
                        column / 7,
                        "",
                        rows.get(j).path(columns.get(i)).asText());
            }
        }
        if (rows.size() > most) {
            text("quiet", 14, height - 14, 60, "", "and " + (rows.size() - most) + " more");
        }
    }

    private void drawGraph(JsonNode panel, int width, int height) throws IOException, InterruptedException {
        title("text", panel, width);
        String unit = panel.path("fieldConfig").path("defaults").path("unit").asText();
        List<Series> all = series(panel);
        double top = roundUp(all.stream()
                .flatMap(series -> series.values().values().stream())
                .reduce(0.0, Math::max));
        int left = 76;
        int right = width - 20;
        int upper = 40;
        int lower = height - 40 - 15 * LEGEND_LINES;
        for (int i = 0; i <= 2; i++) {
            int y = lower - i * (lower - upper) / 2;
            put("<line class='line' x1='%d' y1='%d' x2='%d' y2='%d'/>", left, y, right, y);
            text("quiet", left - 6, y + 4, 12, "text-anchor='end'", readable(top * i / 2, unit));
        }
        double seconds = to.getEpochSecond() - from.getEpochSecond();
        for (int i = 0; i <= 4; i++) {
            int x = left + i * (right - left) / 4;
            text("quiet", x, lower + 16, 12, "text-anchor='middle'", Long.toString(Math.round(seconds * i / 4)));
        }
        for (int i = 0; i < all.size(); i++) {
            StringBuilder points = new StringBuilder();
            all.get(i)
                    .values()
                    .forEach((at, value) -> points.append(String.format(
                            Locale.ROOT,
                            "%.1f,%.1f ",
                            left + (right - left) * at / seconds,
                            lower - (lower - upper) * value / top)));
            put(
                    "<polyline fill='none' stroke='%s' stroke-width='1.5' points='%s'/>",
                    COLOURS.get(i % COLOURS.size()), points.toString().strip());
        }
        drawLegend(all, unit, width, lower + 36);
    }

    private void drawLegend(List<Series> all, String unit, int width, int y) {
        int most = 2 * LEGEND_LINES;
        for (int i = 0; i < Math.min(all.size(), most); i++) {
            int x = 14 + (i % 2) * (width / 2 - 7);
            int line = y + i / 2 * 15;
            if (i == most - 1 && all.size() > most) {
                text("quiet", x, line, 40, "", "and " + (all.size() - i) + " more");
            } else {
                put(
                        "<rect x='%d' y='%d' width='10' height='3' fill='%s'/>",
                        x, line - 5, COLOURS.get(i % COLOURS.size()));
                Series series = all.get(i);
                String name = cut(series.name(), width / 15 - 10);
                text("quiet", x + 16, line, width / 15, "", name + "  " + readable(series.last(), unit));
            }
        }
    }

    private List<Series> series(JsonNode panel) throws IOException, InterruptedException {
        List<Series> all = new ArrayList<>();
        for (JsonNode target : panel.path("targets")) {
            String legend = target.path("legendFormat").asText();
            for (JsonNode result : prometheus.range(Dashboards.expression(target), from, to)) {
                Map<Double, Double> values = new TreeMap<>();
                for (JsonNode sample : result.path("values")) {
                    double value = Double.parseDouble(sample.path(1).asText().replace("+Inf", "Infinity"));
                    if (Double.isFinite(value)) {
                        values.put(sample.path(0).asDouble() - from.getEpochSecond(), value);
                    }
                }
                if (!values.isEmpty()) {
                    all.add(new Series(named(legend, result.path("metric")), values));
                }
            }
        }
        return all;
    }

    private static String named(String legend, JsonNode labels) {
        return LABEL.matcher(legend)
                .replaceAll((MatchResult label) -> labels.path(label.group(1)).asText());
    }

    private static Stream<String> names(JsonNode labels) {
        Iterator<String> names = labels.fieldNames();
        return StreamSupport.stream(((Iterable<String>) () -> names).spliterator(), false);
    }

    /** The least of 1, 2 and 5 times a power of ten that is not below it. */
    private static double roundUp(double value) {
        double power = value == 0 ? 1 : Math.pow(10, Math.floor(Math.log10(value)));
        return Stream.of(1, 2, 5, 10)
                .map(factor -> factor * power)
                .filter(round -> round >= value)
                .findFirst()
                .orElse(10 * power);
    }

    private static String readable(double value, String unit) {
        return switch (unit) {
            case "s" -> value < 1 ? number(value * 1000) + " ms" : number(value) + " s";
            case "bytes" -> bytes(value);
            case "Bps" -> bytes(value) + "/s";
            case "ops", "cps" -> number(value) + "/s";
            default -> number(value);
        };
    }

    private static String bytes(double value) {
        return value < 1024
                ? number(value) + " B"
                : value < 1024 * 1024 ? number(value / 1024) + " KiB" : number(value / 1024 / 1024) + " MiB";
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value == Math.rint(value) ? "%.0f" : value < 10 ? "%.2f" : "%.1f", value);
    }

    /** @param most how many characters there is room for */
    private void text(String cssClass, int x, int y, int most, String attributes, String text) {
        put("<text class='%s' x='%d' y='%d' %s>%s</text>", cssClass, x, y, attributes, escaped(cut(text, most)));
    }

    private static String cut(String text, int most) {
        return text.length() > most ? text.substring(0, most - 1) + "…" : text;
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private void put(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
