package link.ambassador.bench;

import java.util.stream.Stream;

/** The relays and servers that a benchmark has started. */
public final class Children {
    private Children() {}

    /** Ends them with the benchmark, also when that is interrupted. */
    public static void endWithThis() {
        Runtime.getRuntime().addShutdownHook(new Thread(Children::end, "bench-end"));
    }

    private static void end() {
        try (Stream<ProcessHandle> children = ProcessHandle.current().descendants()) {
            children.forEach(ProcessHandle::destroyForcibly);
        }
    }
}
