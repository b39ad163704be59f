package link.ambassador.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** The resources of a process and its children, from {@code /proc} (proc(5)). */
record ProcessTree(ProcessHandle root) {
    /** {@code sysconf(_SC_CLK_TCK)}: 100 on every current Linux. */
    private static final double TICKS_PER_SECOND = 100;

    private static final double KIB_PER_MIB = 1024;

    /** The CPU time in user and kernel mode, including children that have ended. */
    double cpuSeconds() {
        return sum(ProcessTree::ticks) / TICKS_PER_SECOND;
    }

    double residentMib() {
        return sum(process -> kib(process, "Rss:")) / KIB_PER_MIB;
    }

    /** The memory that no other process shares: the cost of one more process. */
    double privateMib() {
        return sum(process -> kib(process, "Private_Clean:") + kib(process, "Private_Dirty:")) / KIB_PER_MIB;
    }

    private double sum(ToDoubleFunction<ProcessHandle> figure) {
        try (Stream<ProcessHandle> children = root.descendants()) {
            return Stream.concat(Stream.of(root), children).mapToDouble(figure).sum();
        }
    }

    /**
     * <pre>
     *   field  14 utime │ 15 stime │ 16 cutime │ 17 cstime
     * </pre>
     */
    private static double ticks(ProcessHandle process) {
        List<String> lines = read(process, "stat");
        if (lines.isEmpty()) {
            return 0;
        }
        String stat = lines.get(0);
        // The second field, the name, may contain blanks; the third follows its parenthesis.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        double ticks = 0;
        for (int field = 14; field <= 17; field++) {
            ticks += Double.parseDouble(fields[field - 3]);
        }
        return ticks;
    }

    private static double kib(ProcessHandle process, String name) {
        return read(process, "smaps_rollup").stream()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D+", "")))
                .sum();
    }

    private static List<String> read(ProcessHandle process, String file) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), file), StandardCharsets.UTF_8);
        } catch (NoSuchFileException gone) {
            return List.of();
        } catch (IOException e) {
            if (!process.isAlive()) {
                return List.of();
            }
            throw new UncheckedIOException(e);
        }
    }
}
