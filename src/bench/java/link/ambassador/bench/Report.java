package link.ambassador.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The rows as Markdown, and as JSON for programs. */
record Report(List<Row> rows, String about) {
    /** Date, machine and load: a figure means nothing without them. */
    static String about(int rounds, String loadBefore) throws IOException {
        return "%s, %s, %d processors, Linux %s, load %s before; ours as in the image, on JDK %s; %d rounds, median (min–max)."
                .formatted(
                        Instant.now().truncatedTo(ChronoUnit.MINUTES),
                        first("/proc/cpuinfo", "model name\\s*: (.*)"),
                        Runtime.getRuntime().availableProcessors(),
                        System.getProperty("os.version"),
                        loadBefore,
                        Runtime.version().feature(),
                        rounds);
    }

    static String load() throws IOException {
        return first("/proc/loadavg", "([0-9.]+)");
    }

    private static String first(String file, String pattern) throws IOException {
        Matcher matcher = Pattern.compile(pattern).matcher(Files.readString(Path.of(file), StandardCharsets.UTF_8));
        return matcher.find() ? matcher.group(1) : "?";
    }

    String markdown() {
        StringBuilder text = new StringBuilder(about).append("\n\n");
        text.append("| what | ours | best peer | ratio | bar | goal | |\n|---|---|---|---|---|---|---|\n");
        for (Row row : rows) {
            text.append("| ").append(row.what()).append(" | ");
            if (row.figures().isEmpty()) {
                text.append("| | | | | ").append(row.verdict().word()).append(" |\n");
                continue;
            }
            text.append(spread(row.figures().get(row.ours()), row.unit())).append(" | ");
            text.append(row.bestPeer()
                            .map(peer -> peer + " " + spread(row.figures().get(peer), row.unit()))
                            .orElse("–"))
                    .append(" | ");
            text.append(row.ratio().map(ratio -> spread(ratio, "×")).orElse("–"))
                    .append(" | ");
            text.append(row.bound().map(b -> bound(b, b.bar(), row.unit())).orElse("–"))
                    .append(" | ");
            text.append(row.bound().map(b -> bound(b, b.goal(), row.unit())).orElse("–"))
                    .append(" | ");
            text.append(row.bound().isPresent() ? row.verdict().word() : "").append(" |\n");
        }
        text.append('\n').append(everyContender()).append('\n');
        for (Row row : rows) {
            if (!row.note().isEmpty()) {
                text.append("- ")
                        .append(row.what())
                        .append(": ")
                        .append(row.note())
                        .append(".\n");
            }
        }
        return text.toString();
    }

    private String everyContender() {
        Set<String> names = new LinkedHashSet<>();
        rows.forEach(row -> names.addAll(row.figures().keySet()));
        StringBuilder text = new StringBuilder("| what | " + String.join(" | ", names) + " |\n|---");
        text.append("|---".repeat(names.size())).append("|\n");
        for (Row row : rows) {
            if (row.figures().isEmpty()) {
                continue;
            }
            text.append("| ").append(row.what()).append(", ").append(row.unit());
            for (String name : names) {
                text.append(" | ")
                        .append(Optional.ofNullable(row.figures().get(name))
                                .map(series -> spread(series, ""))
                                .orElse(""));
            }
            text.append(" |\n");
        }
        return text.toString();
    }

    private static String bound(Bound bound, double figure, String unit) {
        return (bound.higherIsBetter() ? "≥ " : "≤ ") + plain(figure) + " " + (bound.relative() ? "×" : unit);
    }

    private static String plain(double figure) {
        return figure == Math.rint(figure) ? Long.toString((long) figure) : Double.toString(figure);
    }

    private static String spread(Series series, String unit) {
        String text = number(series.median()) + (unit.isEmpty() ? "" : " " + unit);
        return text + " (" + number(series.min()) + "–" + number(series.max()) + ")";
    }

    /** With three significant digits. */
    private static String number(double figure) {
        int decimals = Math.abs(figure) >= 100 ? 0 : Math.abs(figure) >= 10 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + decimals + "f", figure);
    }

    String json() {
        List<String> objects = new ArrayList<>();
        for (Row row : rows) {
            List<String> figures = new ArrayList<>();
            row.figures().forEach((name, series) -> figures.add(quoted(name) + ":" + series.rounds()));
            objects.add(
                    "{\"what\":%s,\"unit\":%s,\"ours\":%s,\"peer\":%s,\"bar\":%s,\"goal\":%s,\"verdict\":%s,\"note\":%s,\"figures\":{%s}}"
                            .formatted(
                                    quoted(row.what()),
                                    quoted(row.unit()),
                                    quoted(row.ours()),
                                    row.bestPeer().map(Report::quoted).orElse("null"),
                                    row.bound()
                                            .map(b -> Double.toString(b.bar()))
                                            .orElse("null"),
                                    row.bound()
                                            .map(b -> Double.toString(b.goal()))
                                            .orElse("null"),
                                    quoted(row.verdict().name()),
                                    quoted(row.note()),
                                    String.join(",", figures)));
        }
        return "{\"about\":" + quoted(about) + ",\"rows\":[\n" + String.join(",\n", objects) + "]}\n";
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\s+", " ") + "\"";
    }
}
