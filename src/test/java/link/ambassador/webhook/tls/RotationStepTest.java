package link.ambassador.webhook.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** When certificates are replaced, and that nothing is served before it is trusted, or trusted for too short. */
class RotationStepTest {
    private static final Set<String> NAMES = Set.of("ambassador-webhook.ambassador-system.svc");
    private static final CertificateTimes TIMES = CertificateTimes.DEFAULT;
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

    private final Certificates first = Certificates.first(NAMES, NOW, TIMES);

    @Test
    void nothingIsDueOnWhatIsNew() {
        assertThat(due(first, NOW, true)).isEqualTo(RotationStep.NOTHING);
        assertThat(due(first, NOW.plus(Duration.ofDays(20)).minusSeconds(1), true))
                .isEqualTo(RotationStep.NOTHING);
    }

    @Test
    void aLeafIsIssuedWhenTwoThirdsOfItsLifeAreOver() {
        assertThat(due(first, NOW.plus(Duration.ofDays(20)), false)).isEqualTo(RotationStep.ISSUE_LEAF);
    }

    @Test
    void aLeafIsIssuedForOtherNames() {
        assertThat(RotationStep.due(first, Set.of("other"), NOW, TIMES, true)).isEqualTo(RotationStep.ISSUE_LEAF);
    }

    @Test
    void anAuthorityIsAddedBeforeItSignsAndSignsOnlyOnceItIsTrusted() {
        Instant old = NOW.plus(Duration.ofDays(244));
        Certificates renewed = first.withNewLeaf(NAMES, old, TIMES);
        assertThat(due(renewed, old, true)).isEqualTo(RotationStep.ADD_AUTHORITY);

        Certificates two = RotationStep.ADD_AUTHORITY.take(renewed, NAMES, old, TIMES);
        assertThat(two.leaf()).isEqualTo(renewed.leaf());
        assertThat(two.authorities()).hasSize(2).contains(first.newest());
        assertThat(due(two, old, false)).isEqualTo(RotationStep.NOTHING);
        assertThat(due(two, old, true)).isEqualTo(RotationStep.ISSUE_LEAF);

        Certificates signed = RotationStep.ISSUE_LEAF.take(two, NAMES, old, TIMES);
        assertThat(signed.newestSignedTheLeaf()).isTrue();
        assertThat(signed.authorities()).isEqualTo(two.authorities());
    }

    @Test
    void anOldAuthorityGoesWhenItsLastLeafHasEnded() {
        Instant added = NOW.plus(Duration.ofDays(244));
        Certificates two = first.withNewAuthority(added, TIMES).withNewLeaf(NAMES, added, TIMES);
        Instant lastLeafEnded = added.plus(TIMES.leaf());

        assertThat(two.hasSpentAuthorities(lastLeafEnded, TIMES)).isFalse();
        Instant later = lastLeafEnded.plus(TIMES.backdated());
        Certificates renewed = two.withNewLeaf(NAMES, later, TIMES);
        assertThat(due(renewed, later, true)).isEqualTo(RotationStep.DROP_AUTHORITIES);
        assertThat(RotationStep.DROP_AUTHORITIES
                        .take(renewed, NAMES, later, TIMES)
                        .authorities())
                .containsExactly(renewed.newest());
    }

    /** Ten years, day by day: as a client sees it that learns of the bundle before any leaf is replaced. */
    @Test
    void everyLeafIsValidAndTrustedOnEveryDayOfTenYears() throws Exception {
        Certificates certificates = first;
        List<RotationStep> taken = new ArrayList<>();
        for (int day = 0; day < 3650; day++) {
            Instant today = NOW.plus(Duration.ofDays(day));
            for (RotationStep step = due(certificates, today, true);
                    step != RotationStep.NOTHING;
                    step = due(certificates, today, true)) {
                Certificates before = certificates;
                certificates = step.take(certificates, NAMES, today, TIMES);
                taken.add(step);
                if (step == RotationStep.ISSUE_LEAF) {
                    assertThat(before.authorities()).contains(certificates.newest());
                }
            }
            certificates.leaf().certificate().checkValidity(Date.from(today));
            certificates.leaf().certificate().verify(certificates.newest().getPublicKey());
            certificates.newest().checkValidity(Date.from(today));
            assertThat(certificates.authorities()).hasSizeLessThanOrEqualTo(2);
        }
        assertThat(taken).contains(RotationStep.ADD_AUTHORITY, RotationStep.DROP_AUTHORITIES);
    }

    private static RotationStep due(Certificates certificates, Instant now, boolean newestIsTrusted) {
        return RotationStep.due(certificates, NAMES, now, TIMES, newestIsTrusted);
    }
}
