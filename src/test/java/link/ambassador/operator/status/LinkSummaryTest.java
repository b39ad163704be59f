package link.ambassador.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import link.ambassador.config.Link;
import link.ambassador.config.Target;
import org.junit.jupiter.api.Test;

class LinkSummaryTest {
    private static final Link DB = Link.of("db", 5432, List.of(new Target("pg-a", 5432), new Target("pg-b", 5432)));
    private static final Link WEB = Link.of("web", 80, List.of(new Target("2001:db8::1", 8080)));

    @Test
    void aColumnShowsTheFirstTargetAndHowManyMoreThereAre() {
        assertThat(LinkSummary.target(List.of(WEB))).isEqualTo("[2001:db8::1]:8080");
        assertThat(LinkSummary.target(List.of(DB))).isEqualTo("pg-a:5432 +1");
        assertThat(LinkSummary.target(List.of(DB, WEB))).isEqualTo("pg-a:5432 +2");
        assertThat(LinkSummary.target(List.of())).isEmpty();
    }

    @Test
    void aColumnShowsEveryPort() {
        assertThat(LinkSummary.listen(List.of(DB))).isEqualTo("5432");
        assertThat(LinkSummary.listen(List.of(DB, WEB))).isEqualTo("5432,80");
    }
}
