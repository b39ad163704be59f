package link.ambassador.operator;

import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What a process in a pod weighs, by {@code /proc/PID/smaps_rollup} (proc(5)).
 *
 * @param residentKib all its pages that are in memory
 * @param aloneKib those that no other process has: what the node gets back when it ends
 */
record PodMemory(long residentKib, long aloneKib) {
    private static final Pattern FIELD = Pattern.compile("(?m)^(Rss|Private_Clean|Private_Dirty): +(\\d+) kB$");

    static PodMemory of(long process) {
        long resident = 0;
        long alone = 0;
        String rollup = BareNode.read(Path.of("/proc", Long.toString(process), "smaps_rollup"));
        for (MatchResult field : FIELD.matcher(rollup).results().toList()) {
            long kib = Long.parseLong(field.group(2));
            if (field.group(1).equals("Rss")) {
                resident = kib;
            } else {
                alone += kib;
            }
        }
        return new PodMemory(resident, alone);
    }

    @Override
    public String toString() {
        return String.format("%.1f MiB resident, %.1f MiB of them its own", residentKib / 1024.0, aloneKib / 1024.0);
    }
}
