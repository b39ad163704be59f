package link.ambassador;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuietOutputTest {
    private static final List<String> NOTHING = List.of();
    private static final String INFO = "2026-11-30T08:00:00.000Z INFO relay 0.1.0, admin port 15990";

    private final QuietOutput output = new QuietOutput();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-11-30T08:00:00.000Z WARN 3 lines of the log are missing here: nobody read them",
                "2026-11-30T08:00:00.000Z ERROR a link table could not be applied",
                "2026-11-30T08:00:00.000Z INFO closed: java.net.SocketException: reset",
                "java.lang.OutOfMemoryError: Java heap space",
                "\tat link.ambassador.relay.Relay.apply(Relay.java:1)",
                "2026-11-30T08:00:00.000Z INFO LEAK: ByteBuf.release() was not called",
                "2026-11-30T08:00:00.000Z INFO Thread vert.x-eventloop-thread-0 has been blocked for 2000 ms"
            })
    void aLineThatNobodyExpectsFails(String line) {
        assertThatThrownBy(() -> output.judge(List.of(INFO, line), NOTHING)).hasMessageContaining(line);
    }

    @Test
    void anythingOnStderrFails() {
        assertThatThrownBy(() -> output.judge(NOTHING, List.of("OpenJDK 64-Bit Server VM says something")))
                .hasMessageContaining("says something");
    }

    @Test
    void whatIsExpectedAndWhatIsNoComplaintPass() {
        output.expect("WARN no epoll");
        assertThatCode(() -> output.judge(List.of(INFO, "WARN no epoll, so on NIO"), NOTHING))
                .doesNotThrowAnyException();
    }

    @Test
    void theStackTraceOfWhatIsExpectedIsExpected() {
        output.expect("WARN no answer");
        assertThatCode(() -> output.judge(
                        List.of(
                                "WARN no answer: java.net.ConnectException",
                                "\tat java.base/sun.nio.ch.Net.pollConnect(Native Method)",
                                "Caused by: java.io.IOException: broken",
                                "\t... 5 more"),
                        NOTHING))
                .doesNotThrowAnyException();
    }

    @Test
    void whatIsAllowedMayComeOrNot() {
        output.allow("WARN trying again");
        assertThatCode(() -> output.judge(List.of(INFO), NOTHING)).doesNotThrowAnyException();
        assertThatCode(() -> output.judge(List.of("WARN trying again"), NOTHING))
                .doesNotThrowAnyException();
    }

    @Test
    void whatIsExpectedAndDoesNotComeFails() {
        output.expect("WARN no epoll");
        assertThatThrownBy(() -> output.judge(List.of(INFO), NOTHING)).hasMessageContaining("no epoll");
    }
}
