package link.ambassador.relay.watch;

import java.lang.reflect.AnnotatedElement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Fails a test of the relay if the relay logs a warning or an error that the test does not expect ({@link
 * ExpectedWarning}), or if an event loop stalls ({@link LoopTurns}). JUnit detects this extension (see pom.xml), so
 * that it applies to every test.
 */
public final class QuietRelay implements BeforeEachCallback, AfterEachCallback {
    private static final Namespace NAMESPACE = Namespace.create(QuietRelay.class);
    private static final String RELAY = "link.ambassador.relay";

    @Override
    public void beforeEach(ExtensionContext context) {
        if (isOfTheRelay(context)) {
            RelayLog.hear();
            context.getStore(NAMESPACE).put(Incidents.class, Incidents.begin());
        }
    }

    private static boolean isOfTheRelay(ExtensionContext context) {
        String name = context.getRequiredTestClass().getPackageName();
        return name.equals(RELAY) || name.startsWith(RELAY + ".");
    }

    @Override
    public void afterEach(ExtensionContext context) throws InterruptedException {
        Incidents incidents = context.getStore(NAMESPACE).remove(Incidents.class, Incidents.class);
        if (incidents == null) {
            return;
        }
        LoopTurns.awaitTurns();
        List<String> recorded = incidents.end();
        List<Pattern> expectedByTest = expected(context.getElement());
        List<Pattern> expected = new ArrayList<>(expectedByTest);
        for (Class<?> type = context.getRequiredTestClass(); type != null; type = type.getEnclosingClass()) {
            expected.addAll(expected(Optional.of(type)));
        }
        List<String> complaints = new ArrayList<>(recorded.stream()
                .filter(incident -> expected.stream()
                        .noneMatch(pattern -> pattern.matcher(incident).find()))
                .toList());
        if (context.getExecutionException().isEmpty()) {
            expectedByTest.stream()
                    .filter(pattern -> recorded.stream()
                            .noneMatch(incident -> pattern.matcher(incident).find()))
                    .forEach(pattern -> complaints.add("did not log what the test expects: " + pattern));
        }
        if (!complaints.isEmpty()) {
            throw new AssertionError("the relay " + String.join("\nand ", complaints));
        }
    }

    private static List<Pattern> expected(Optional<? extends AnnotatedElement> element) {
        Stream<ExpectedWarning> found = element.stream()
                .flatMap(annotated ->
                        AnnotationSupport.findRepeatableAnnotations(annotated, ExpectedWarning.class).stream());
        return found.map(ExpectedWarning::value).map(Pattern::compile).toList();
    }
}
