package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;
import link.ambassador.relay.watch.ExpectedWarning;
import org.junit.jupiter.api.Test;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** Tests of the relay fail because of warnings and stalls. Each test here runs a class that would pass otherwise. */
final class QuietRelayTest {
    private static final Logger LOG = Logger.getLogger(QuietRelayTest.class.getName());
    private static final Duration STALL = Duration.ofSeconds(4);

    /** Only this test runs it: its name is not that of a test. */
    static final class Sample {
        @Test
        void warns() {
            LOG.warning("a warning that nobody expects");
        }

        @Test
        @ExpectedWarning("nobody expects")
        void warnsAsExpected() {
            LOG.warning("a warning that nobody expects");
        }

        @Test
        @ExpectedWarning("something else")
        void doesNotWarnAsExpected() {
            LOG.log(Level.INFO, "nothing");
        }

        @Test
        void stopsTheLoop() {
            try (TestRelay relay = TestRelay.start()) {
                TestRelay.await(relay.relay.inspect(() -> {
                    // Like Netty after an exception, but longer, so that a busy machine cannot be the cause of all of
                    // it.
                    long end = System.nanoTime() + STALL.toNanos();
                    while (System.nanoTime() < end) {
                        LockSupport.parkNanos(end - System.nanoTime());
                    }
                    return null;
                }));
            }
        }
    }

    @Test
    @ExpectedWarning("a warning that nobody expects")
    void aTestFailsForAWarningThatItDoesNotExpect() {
        assertThat(failuresOf("warns")).singleElement().asString().contains("a warning that nobody expects");
    }

    @Test
    @ExpectedWarning("a warning that nobody expects")
    void aTestMayExpectAWarning() {
        assertThat(failuresOf("warnsAsExpected")).isEmpty();
    }

    @Test
    void aTestFailsWhenTheWarningThatItExpectsDoesNotCome() {
        assertThat(failuresOf("doesNotWarnAsExpected"))
                .singleElement()
                .asString()
                .contains("something else");
    }

    @Test
    @ExpectedWarning("one turn of the event loop took")
    void aTestFailsForATurnOfTheLoopThatIsTooLong() {
        assertThat(failuresOf("stopsTheLoop")).singleElement().asString().contains("one turn of the event loop took");
    }

    /** Otherwise its loop is not watched. */
    @Test
    void testsStartRelaysInOneWay() {
        ArchRuleDefinition.noClasses()
                .that()
                .doNotHaveSimpleName("WatchedRelay")
                .and()
                .doNotHaveSimpleName("RelayProcess")
                .and()
                // For the benchmark.
                .doNotHaveSimpleName("WatchedRelayProcess")
                .should()
                .callMethod(Relay.class, "start", Settings.class)
                .check(new ClassFileImporter().importPackages("link.ambassador.relay"));
    }

    private static List<String> failuresOf(String test) {
        SummaryGeneratingListener summary = new SummaryGeneratingListener();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectMethod(Sample.class, test))
                                .build(),
                        summary);
        assertThat(summary.getSummary().getTestsStartedCount()).isEqualTo(1);
        return summary.getSummary().getFailures().stream()
                .map(failure -> failure.getException().getMessage())
                .toList();
    }
}
