package link.ambassador.relayspec;

import static org.junit.jupiter.api.Assumptions.abort;

import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every scenario as one test; a subclass names the relay. Scenarios mostly wait, so some run at the same time. */
public abstract class RelayspecContract {
    /** A new relay, not yet started. */
    protected abstract RelayUnderTest relay();

    @ParameterizedTest
    @MethodSource("link.ambassador.relayspec.Relayspec#scenarios")
    @Execution(ExecutionMode.CONCURRENT)
    void relayspec(Scenario scenario) throws InterruptedException {
        RelayUnderTest relay = relay();
        Verdict verdict = Verdict.of(scenario, relay);
        switch (verdict.outcome()) {
            case HOLDS -> {}
            case DOES_NOT_APPLY -> abort("does not apply to a connection without a relay");
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
