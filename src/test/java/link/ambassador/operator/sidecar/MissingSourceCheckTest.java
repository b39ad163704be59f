package link.ambassador.operator.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import link.ambassador.config.LinkTable;
import link.ambassador.config.Source;
import link.ambassador.model.SidecarAmbassador;
import link.ambassador.model.SidecarAmbassadors;
import link.ambassador.operator.delivery.RelayPod;
import org.junit.jupiter.api.Test;

/** A link must not go because a cache is late. */
class MissingSourceCheckTest {
    private static final ConsumerPod POD = new ConsumerPod(
            new RelayPod("shop", "web", "u1", Optional.empty(), true, false, true),
            Map.of("app", "web"),
            Optional.of(new ConsumerPod.Sidecar(Set.of(), Set.of(), Set.of(), Set.of(), true)),
            Optional.empty(),
            false,
            Optional.empty(),
            Optional.empty());

    private final List<String> asked = new ArrayList<>();
    private final List<Promise<Boolean>> answers = new ArrayList<>();
    private final List<String> again = new ArrayList<>();
    private final MissingSourceCheck sources = new MissingSourceCheck(new Nobody(), (namespace, name) -> {
        asked.add(namespace + "/" + name);
        Promise<Boolean> answer = Promise.promise();
        answers.add(answer);
        return answer.future();
    });

    @Test
    void anAmbassadorThatTheCacheLacksIsAskedForOnceAndThePodsWait() {
        assertThat(waits("shop", "first")).isTrue();
        assertThat(waits("shop", "second")).isTrue();
        assertThat(asked).containsExactly("shop/redis");
        answers.get(0).complete(false);
        assertThat(again).containsExactly("first", "second");
        assertThat(waits("shop", "third")).isFalse();
    }

    @Test
    void whileItExistsTheTableWaitsForTheCache() {
        assertThat(waits("shop", "first")).isTrue();
        answers.get(0).complete(true);
        assertThat(again).isEmpty();
        assertThat(waits("shop", "second")).isTrue();
    }

    @Test
    void noAnswerIsNoGoodbye() {
        assertThat(waits("shop", "first")).isTrue();
        answers.get(0).fail("the API server is away");
        assertThat(again).isEmpty();
        assertThat(waits("shop", "second")).isTrue();
    }

    @Test
    void oneWhoseDeletionWasSeenIsGone() {
        sources.deleted("shop", "redis");
        assertThat(waits("shop", "first")).isFalse();
        assertThat(asked).isEmpty();
    }

    @Test
    void aTableOfAnotherNamespaceWasCopied() {
        assertThat(waits("other", "first")).isFalse();
        assertThat(asked).isEmpty();
    }

    @Test
    void aTableWithMoreSourcesThanOneCanHaveHasNobodyAskedFor() {
        List<Source> madeUp = IntStream.range(0, 4500)
                .mapToObj(number -> new Source("shop", "made-up-" + number, 1))
                .toList();
        assertThat(sources.mustWait(POD, Optional.of(new LinkTable(Optional.empty(), madeUp, List.of())), () -> {}))
                .isFalse();
        assertThat(asked).isEmpty();
    }

    private boolean waits(String namespace, String word) {
        LinkTable table = new LinkTable(Optional.empty(), List.of(new Source(namespace, "redis", 1)), List.of());
        return sources.mustWait(POD, Optional.of(table), () -> again.add(word));
    }

    /** A cache without an Ambassador. */
    private static final class Nobody implements SidecarAmbassadors {
        @Override
        public Collection<SidecarAmbassador> in(String namespace) {
            return List.of();
        }

        @Override
        public boolean isSynced() {
            return true;
        }
    }
}
