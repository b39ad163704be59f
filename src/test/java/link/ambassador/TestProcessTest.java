package link.ambassador;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TestProcessTest {
    @Test
    void noTwoProcessesHaveTheSameNumber() throws IOException, InterruptedException {
        int ours = TestProcess.number();
        Process another = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        AnotherProcess.class.getName())
                .redirectErrorStream(true)
                .start();
        String said = new String(another.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();

        assertThat(another.waitFor()).as(said).isZero();
        assertThat(said).matches("[0-7]").isNotEqualTo(Integer.toString(ours));
    }

    static final class AnotherProcess {
        private AnotherProcess() {}

        public static void main(String[] arguments) {
            System.out.println(TestProcess.number());
        }
    }
}
