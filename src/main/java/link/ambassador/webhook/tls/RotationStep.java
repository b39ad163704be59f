package link.ambassador.webhook.tls;

import java.time.Instant;
import java.util.Set;

/**
 * The one thing that is due on certificates. Each step is one write of the Secret; the next step waits for its own conditions.
 *
 * <pre>
 *   authority: two thirds over ──► ADD_AUTHORITY ──(API server trusts it, for the propagation)──► ISSUE_LEAF ─┐
 *   leaf: two thirds over ──────────────────────────────────────────────────────────────────────► ISSUE_LEAF ─┤
 *   the last leaf of an older authority has ended ─► DROP_AUTHORITIES ◄────────────────────────────────────────┘
 * </pre>
 */
enum RotationStep {
    /** The newest authority is old. A newer one is added, which is trusted before it signs anything. */
    ADD_AUTHORITY {
        @Override
        Certificates take(Certificates certificates, Set<String> names, Instant now, CertificateTimes times) {
            return certificates.withNewAuthority(now, times);
        }
    },
    /** The leaf is old, is for other names, or is signed by an older authority. */
    ISSUE_LEAF {
        @Override
        Certificates take(Certificates certificates, Set<String> names, Instant now, CertificateTimes times) {
            return certificates.withNewLeaf(names, now, times);
        }
    },
    /** All leaves of an older authority have expired. */
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
