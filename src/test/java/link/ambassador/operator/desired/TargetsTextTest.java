package link.ambassador.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import link.ambassador.link.Link;
import link.ambassador.link.Target;
import org.junit.jupiter.api.Test;

class TargetsTextTest {
    private static final Link DB = Link.of("db", 5432, List.of(new Target("pg-a", 5432), new Target("pg-b", 5432)));
    private static final Link WEB = Link.of("web", 80, List.of(new Target("2001:db8::1", 8080)));

    @Test
    void aColumnShowsTheFirstTargetAndHowManyMoreThereAre() {
        assertThat(TargetsText.target(List.of(WEB))).isEqualTo("[2001:db8::1]:8080");
        assertThat(TargetsText.target(List.of(DB))).isEqualTo("pg-a:5432 +1");
        assertThat(TargetsText.target(List.of(DB, WEB))).isEqualTo("pg-a:5432 +2");
        assertThat(TargetsText.target(List.of())).isEmpty();
    }

    @Test
    void aColumnShowsEveryPort() {
        assertThat(TargetsText.listen(List.of(DB))).isEqualTo("5432");
        assertThat(TargetsText.listen(List.of(DB, WEB))).isEqualTo("5432,80");
    }
}
