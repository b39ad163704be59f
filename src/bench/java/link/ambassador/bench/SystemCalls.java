package link.ambassador.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** How bytes really go through a relay: strace counts its system calls during a trial. */
final class SystemCalls {
    private static final String MOVING = "splice,read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg";
    private static final int ATTACH_MILLIS = 500;
    private static final Set<String> TRACED =
            Set.of(Lineup.HAPROXY, Lineup.HAPROXY_SPLICING, Lineup.OURS, Lineup.OURS_COPYING);

    private SystemCalls() {}

    /** A sentence each for HAProxy and this relay. */
    static String seen(List<Subject> subjects, Rounds.Trial trial) throws Exception {
        List<String> sentences = new ArrayList<>();
        for (Subject subject : subjects) {
            if (TRACED.contains(subject.name())) {
                sentences.add(subject.name() + ": " + count(subject, trial));
            }
        }
        return "strace saw: " + String.join("; ", sentences);
    }

    private static String count(Subject subject, Rounds.Trial trial) throws Exception {
        Path summary = Files.createTempFile("strace", ".txt");
        Process strace = new ProcessBuilder(
                        "strace",
                        "-f",
                        "-c",
                        "-e",
                        "trace=" + MOVING,
                        "-o",
                        summary.toString(),
                        "-p",
                        Long.toString(subject.process().root().pid()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            TimeUnit.MILLISECONDS.sleep(ATTACH_MILLIS);
            trial.run(subject);
        } finally {
            // SIGTERM: strace detaches, writes its summary and ends.
            strace.destroy();
            strace.onExit().orTimeout(10, TimeUnit.SECONDS).join();
        }
        String counted = calls(Files.readAllLines(summary, StandardCharsets.UTF_8));
        Files.delete(summary);
        return counted.isEmpty() ? "nothing (may strace attach here?)" : counted;
    }

    /**
     * <pre>
     *   % time     seconds  usecs/call     calls    errors syscall
     * </pre>
     */
    private static String calls(List<String> summary) throws IOException {
        TreeMap<String, Integer> calls = new TreeMap<>();
        for (String line : summary) {
            String[] word = line.trim().split("\\s+", -1);
            if (word.length >= 5 && word[0].matches("[0-9.]+") && !word[word.length - 1].equals("total")) {
                calls.put(word[word.length - 1], Integer.parseInt(word[3]));
            }
        }
        return calls.entrySet().stream()
                .map(call -> call.getValue() + " " + call.getKey())
                .collect(Collectors.joining(", "));
    }
}
