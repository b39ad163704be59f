package link.ambassador.operator.status;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.config.LinkTable;
import link.ambassador.operator.delivery.RelayStatus;
import link.ambassador.operator.delivery.RelayStatus.CertificateAnswer;

/**
 * Whether what the links name is usable, and the condition ResolvedRefs that reports it: ConfigMaps, as the operator reads them, and
 * certificates, as relays answer.
 */
record References(ConditionReason reason, String message) {
    /** Empty when the links name nothing. */
    static Optional<References> of(ObservedState observed) {
        Set<String> certificates = observed.tables().served().map(LinkTable::links).orElse(List.of()).stream()
                .flatMap(link -> link.certificates().stream())
                .collect(Collectors.toSet());
        if (certificates.isEmpty() && observed.tables().unresolved().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(observed.firstUnresolved()
                .map(link -> new References(link.reason(), link.sentence()))
                .or(() -> unusable(observed, certificates))
                .orElse(new References(ConditionReason.RESOLVED_REFS, ConditionReason.RESOLVED_REFS.sentence())));
    }

    private static Optional<References> unusable(ObservedState observed, Set<String> certificates) {
        for (ObservedRelay relay : observed.serving()) {
            for (CertificateAnswer answer :
                    relay.sync().answer().map(RelayStatus::certificates).orElse(List.of())) {
                if (certificates.contains(answer.name()) && !answer.error().isEmpty()) {
                    return Optional.of(new References(
                            ConditionReason.INVALID_CERTIFICATE_REF,
                            "Certificate " + answer.name() + ", in pod "
                                    + relay.pod().name() + ": " + answer.error()));
                }
            }
        }
        return Optional.empty();
    }
}
