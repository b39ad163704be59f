package link.ambassador.webhook.serving;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How warnings are cut. */
class WarningTest {
    @Test
    void aShortOneStaysAsItIs() {
        String most = "x".repeat(120);

        assertThat(Warning.cut("The alias redis is taken.")).isEqualTo("The alias redis is taken.");
        assertThat(Warning.cut(most)).isEqualTo(most);
    }

    @Test
    void aLongOneEndsWithAWholeWord() {
        assertThat(Warning.cut("word ".repeat(40)))
                .isEqualTo("word ".repeat(23) + "word…")
                .hasSize(120);
    }

    @Test
    void oneWithoutSpacesIsCutAllTheSame() {
        assertThat(Warning.cut("x".repeat(200))).isEqualTo("x".repeat(119) + "…");
    }

    @Test
    void lineBreaksAreSpacesAsAHeaderHasNone() {
        assertThat(Warning.cut(" one\n\ttwo\u0000three ")).isEqualTo("one two three");
    }

    @Test
    void noPairOfSurrogatesIsCutInTwo() {
        assertThat(Warning.cut("x".repeat(118) + "\uD83D\uDE80".repeat(3))).isEqualTo("x".repeat(118) + "…");
    }
}
