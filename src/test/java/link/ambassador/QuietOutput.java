package link.ambassador;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a process of a test may print: what the test expects, and else nothing on stderr, and on stdout no warning, no error, no
 * exception, no leak that Netty found and no thread that Vert.x found blocked. The twin of QuietRelay, for relays and operators
 * of which the tests see no more than that.
 */
public final class QuietOutput {
    private static final Pattern COMPLAINT = Pattern.compile(
            "\\b(WARN|WARNING|ERROR|SEVERE|FATAL)\\b|Exception\\b|Error: |\\bLEAK\\b|\\bblocked\\b|^\\s+at .*\\(",
            Pattern.MULTILINE);

    /** Of a stack trace, below its first line. */
    private static final Pattern CONTINUED = Pattern.compile("^\\s+(at |\\.\\.\\. )|^\\s*(Caused by|Suppressed): ");

    private final List<Pattern> expected = new ArrayList<>();
    private final List<Pattern> allowed = new ArrayList<>();

    /**
     * That it prints such a line, with its stack trace, and may print more of them.
     *
     * @param regex found in the line
     */
    public void expect(String regex) {
        expected.add(Pattern.compile(regex));
    }

    /** That it may print such lines, depending on what comes first. */
    public void allow(String regex) {
        allowed.add(Pattern.compile(regex));
    }

    /** Fails when it printed what nobody expects, or did not print what somebody does. */
    public void judge(List<String> stdout, List<String> stderr) {
        List<String> complaints = Stream.concat(
                        entries(stdout).stream()
                                .filter(entry -> COMPLAINT.matcher(entry).find()),
                        entries(stderr).stream())
                .toList();
        List<String> faults = new ArrayList<>(complaints.stream()
                .filter(entry -> Stream.concat(expected.stream(), allowed.stream())
                        .noneMatch(pattern -> pattern.matcher(entry).find()))
                .map(entry -> "printed what the test does not expect: " + entry)
                .toList());
        expected.stream()
                .filter(pattern -> complaints.stream()
                        .noneMatch(entry -> pattern.matcher(entry).find()))
                .forEach(pattern -> faults.add("did not print what the test expects: " + pattern));
        if (!faults.isEmpty()) {
            throw new AssertionError("the process " + String.join("\nand ", faults));
        }
    }

    /** Each with its stack trace. */
    private static List<String> entries(List<String> lines) {
        List<String> entries = new ArrayList<>();
        for (String line : lines) {
            if (CONTINUED.matcher(line).find() && !entries.isEmpty()) {
                entries.set(entries.size() - 1, entries.get(entries.size() - 1) + "\n" + line);
            } else {
                entries.add(line);
            }
        }
        return entries;
    }
}
