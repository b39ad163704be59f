package link.ambassador.operator;

import link.ambassador.kubernetes.ApiServer;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** An {@link InProcessOperator} for every namespace, while the tests of a class run. */
final class RunningOperator implements BeforeAllCallback {
    private static final ExtensionContext.Namespace STORE = ExtensionContext.Namespace.create(RunningOperator.class);

    @Override
    public void beforeAll(ExtensionContext test) {
        // JUnit closes what is in its store when the class has ended.
        test.getStore(STORE).put(InProcessOperator.class, InProcessOperator.start(ApiServer.client(test)));
    }
}
