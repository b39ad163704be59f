package link.ambassador.relayspec;

import java.util.List;
import java.util.stream.Stream;

/** All facts, in the order of the table. */
public final class Relayspec {

    private Relayspec() {}

    public static List<Scenario> scenarios() {
        return Stream.of(
                        HalfCloseScenarios.all(),
                        ResetScenarios.all(),
                        ConnectScenarios.all(),
                        OrderScenarios.all(),
                        BackPressureScenarios.all(),
                        ManyScenarios.all(),
                        AtOnceScenarios.all())
                .flatMap(List::stream)
                .toList();
    }
}
