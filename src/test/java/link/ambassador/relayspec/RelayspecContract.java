package link.ambassador.relayspec;

import static org.junit.jupiter.api.Assumptions.abort;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every scenario as one test; a subclass says which relay. */
public abstract class RelayspecContract {

    /** A new relay, not yet started. */
    protected abstract RelayUnderTest relay();

    @TestFactory
    Stream<DynamicTest> relayspec() {
        return Relayspec.scenarios().stream()
                .map(scenario -> DynamicTest.dynamicTest(scenario.name(), () -> judge(scenario)));
    }

    private void judge(Scenario scenario) throws InterruptedException {
        RelayUnderTest relay = relay();
        Verdict verdict = Verdict.of(scenario, relay);
        switch (verdict.outcome()) {
            case HOLDS -> {}
            case DOES_NOT_APPLY -> abort("says nothing about a connection without a relay");
            case FAILS -> {
                String known = scenario.knownDifferences().get(relay.name());
                if (known == null) {
                    throw new AssertionError(scenario.fact() + " But " + verdict.reason());
                }
                abort("known: " + known);
            }
        }
    }
}
