package link.ambassador.operator.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Answers as API servers write them; PodAnnotationsIT has a real one's. */
final class PatchRefusalTest {
    @Test
    void aConflictWithAnotherWriteIsNoGonePod() {
        PatchRefusal refusal = PatchRefusal.of(
                409,
                """
                {"kind":"Status","reason":"Conflict","message":"Operation cannot be fulfilled on pods \\"web\\": the object has \
                been modified; please apply your changes to the latest version and try again"}""");
        assertThat(refusal.podIsGone()).isFalse();
        assertThat(refusal.sentence()).contains("the object has been modified");
    }

    @Test
    void aPreconditionOnTheUidIsAnotherPod() {
        assertThat(PatchRefusal.of(
                                409,
                                """
                                {"kind":"Status","message":"Precondition failed: UID in precondition: a, UID in object meta: b"}""")
                        .podIsGone())
                .isTrue();
    }

    @Test
    void aPageOfWhoeverStandsBeforeTheApiServerIsShownAndSaysNothing() {
        PatchRefusal refusal = PatchRefusal.of(422, "<html>\nno\u001b[31m" + "x".repeat(5000));
        assertThat(refusal.podIsGone()).isFalse();
        assertThat(refusal.sentence()).matches("[ -~…]{1,510}");
    }
}
