package link.ambassador.operator;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an operator's process costs.
 *
 * @param residentMib now
 * @param mostResidentMib since it started
 * @param heapMib what is used of the heap, garbage included
 * @param cpuSeconds since it started
 */
record OperatorFigures(double residentMib, double mostResidentMib, double heapMib, double cpuSeconds) {
    private static final double BYTES_PER_MIB = 1 << 20;

    static OperatorFigures of(JavaOperator operator) throws IOException, InterruptedException {
        String status = Files.readString(
                Path.of("/proc", Long.toString(operator.process().pid()), "status"), StandardCharsets.US_ASCII);
        return new OperatorFigures(
                mib(status, "VmRSS"),
                mib(status, "VmHWM"),
                heapMib(operator),
                operator.process().info().totalCpuDuration().orElseThrow().toMillis() / 1_000.0);
    }

    /** The heap in use right after a collection, which this asks for. */
    static double liveHeapMib(JavaOperator operator) throws IOException, InterruptedException {
        Path jcmd = Path.of(operator.process().info().command().orElseThrow()).resolveSibling("jcmd");
        new ProcessBuilder(jcmd.toString(), Long.toString(operator.process().pid()), "GC.run")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        return heapMib(operator);
    }

    private static double heapMib(JavaOperator operator) throws IOException, InterruptedException {
        return metrics(operator)
                        .lines()
                        .filter(line -> line.startsWith("jvm_memory_used_bytes{area=\"heap\""))
                        .mapToDouble(OperatorFigures::value)
                        .sum()
                / BYTES_PER_MIB;
    }

    /** The value of one metric; 0 when there is none. */
    static double metric(JavaOperator operator, String name) throws IOException, InterruptedException {
        return metrics(operator)
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(OperatorFigures::value)
                .sum();
    }

    private static String metrics(JavaOperator operator) throws IOException, InterruptedException {
        return operator.ask("/metrics").body();
    }

    private static double value(String line) {
        return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
    }

    private static double mib(String status, String field) {
        Matcher line = Pattern.compile("(?m)^" + field + ":\\s+(\\d+) kB$").matcher(status);
        if (!line.find()) {
            throw new IllegalStateException("no " + field + " in " + status);
        }
        return Long.parseLong(line.group(1)) / 1_024.0;
    }

    @Override
    public String toString() {
        return String.format(
                "%.0f MiB resident (at most %.0f), %.0f MiB of heap in use, %.1f s of CPU",
                residentMib, mostResidentMib, heapMib, cpuSeconds);
    }
}
