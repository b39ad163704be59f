package link.ambassador.webhook.tls;

import java.time.Instant;
import java.util.Set;

/**
 * What is due on certificates, and that alone: each step is one write of the Secret, and the next waits for its conditions.
 *
 * <pre>
 *   authority: two thirds over ──► ADD_AUTHORITY ──(API server trusts it, for the propagation)──► ISSUE_LEAF ─┐
 *   leaf: two thirds over ──────────────────────────────────────────────────────────────────────► ISSUE_LEAF ─┤
 *   the last leaf of an older authority has ended ─► DROP_AUTHORITIES ◄────────────────────────────────────────┘
 * </pre>
 */
enum RotationStep {
    /** The newest authority is getting old, and there is to be a newer one, trusted before anything is signed by it. */
    ADD_AUTHORITY {
        @Override
        Certificates take(Certificates certificates, Set<String> names, Instant now, CertificateTimes times) {
            return certificates.withNewAuthority(now, times);
        }
    },
    /** The leaf is getting old, is for other names, or is of an authority that is going. */
    ISSUE_LEAF {
        @Override
        Certificates take(Certificates certificates, Set<String> names, Instant now, CertificateTimes times) {
            return certificates.withNewLeaf(names, now, times);
        }
    },
    /** No leaf of an older authority can be valid any more. */
    DROP_AUTHORITIES {
        @Override
        Certificates take(Certificates certificates, Set<String> names, Instant now, CertificateTimes times) {
            return certificates.withoutSpentAuthorities(now, times);
        }
    },
    NOTHING {
        @Override
        Certificates take(Certificates certificates, Set<String> names, Instant now, CertificateTimes times) {
            return certificates;
        }
    };

    /**
     * The step that is due.
     *
     * @param newestIsTrusted whether every API server trusts the newest authority by now
     */
    static RotationStep due(
            Certificates certificates,
            Set<String> names,
            Instant now,
            CertificateTimes times,
            boolean newestIsTrusted) {
        if (!certificates.newestSignedTheLeaf()) {
            return newestIsTrusted ? ISSUE_LEAF : NOTHING;
        }
        if (Certificates.isOld(certificates.newest(), now, times)) {
            return ADD_AUTHORITY;
        }
        if (Certificates.isOld(certificates.leaf().certificate(), now, times) || !certificates.isFor(names)) {
            return ISSUE_LEAF;
        }
        return certificates.hasSpentAuthorities(now, times) ? DROP_AUTHORITIES : NOTHING;
    }

    abstract Certificates take(Certificates certificates, Set<String> names, Instant now, CertificateTimes times);
}
