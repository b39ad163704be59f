package link.ambassador.operator;

import io.fabric8.kubernetes.api.model.Pod;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Connects, asks and closes some hundred times a second from inside a pod, and notes every failure. */
final class ConsumerPodLoad implements AutoCloseable {
    private static final String SCRIPT =
            """
            while :; do
              if exec 3<>/dev/tcp/127.0.0.1/6379 && printf 'GET who\\r\\n' >&3 && IFS= read -r length <&3 \\
                  && IFS= read -r answer <&3; then
                printf '%s\\n' "${answer%?}"
              else
                printf 'FAILED\\n'
              fi
              exec 3>&-
              read -rt 0.003 <> <(:)
            done
            """;

    private final Process process;
    private final AtomicInteger connects = new AtomicInteger();
    private final List<String> failures = new CopyOnWriteArrayList<>();
    private volatile String last = "";

    ConsumerPodLoad(BareNode node, Pod pod) throws IOException {
        process = node.start(pod, "bash", "-c", SCRIPT);
        new Thread(this::read, "inside-consumer").start();
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                connects.incrementAndGet();
                if (!line.startsWith("redis-")) {
                    failures.add(line);
                }
                last = line;
            }
        } catch (IOException ended) {
            // With the consumer.
        }
    }

    /** Who answered last. */
    String last() {
        return last;
    }

    int connects() {
        return connects.get();
    }

    List<String> failures() {
        return failures;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
