package link.ambassador.operator;

import io.fabric8.kubernetes.api.model.Pod;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/** One connection from inside a pod to its relay on 127.0.0.1:6379, over which Redis is asked who it is. */
final class PodConnection implements AutoCloseable {
    /** Prints each answer, and {@code ENDED} when the connection is over, however it ended. */
    private static final String SCRIPT =
            """
            exec 3<>/dev/tcp/127.0.0.1/6379 2>/dev/null || exit 1
            while read -r line; do
              if [ "$line" = LISTEN ]; then cat <&3 > /dev/null 2>&1; echo ENDED; exit; fi
              printf '%s\\r\\n' "$line" 2>/dev/null >&3 || { echo ENDED; exit; }
              IFS= read -r length <&3 && IFS= read -r answer <&3 || { echo ENDED; exit; }
              printf '%s\\n' "${answer%?}"
            done
            """;

    private final Process process;
    private final Writer questions;
    private final BufferedReader answers;

    PodConnection(BareNode node, Pod pod) throws IOException {
        process = node.start(pod, "bash", "-c", SCRIPT);
        questions = process.outputWriter(StandardCharsets.US_ASCII);
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** The name of the upstream that answers on this connection; {@code ENDED} when the connection has ended. */
    String ask() throws IOException {
        questions.write("GET who\n");
        questions.flush();
        return answers.readLine();
    }

    /** Says nothing more, and returns {@code ENDED} when the other side has ended the connection. */
    String listen() throws IOException {
        questions.write("LISTEN\n");
        questions.flush();
        return answers.readLine();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
