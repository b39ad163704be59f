package link.ambassador.api.v1alpha1;

/**
 * Why a condition is as it is: the same word in status, Event, log and metric, and the status that goes with it.
 */
public enum ConditionReason {
    ACCEPTED(ConditionType.ACCEPTED, "Accepted", "True", "The Ambassador is active."),
    SERVICE_SHADOWED(
            ConditionType.ACCEPTED,
            "ServiceShadowed",
            "True",
            "Active, but an alias hides Service ports that no link covers."),
    CONFLICT(ConditionType.ACCEPTED, "Conflict", "False", "A port or Service name is already in use."),
    TARGET_IS_SELF(ConditionType.ACCEPTED, "TargetIsSelf", "False", "A target points back to this Ambassador (loop)."),
    NOT_UNDERSTOOD(
            ConditionType.ACCEPTED,
            "NotUnderstood",
            "False",
            "The spec uses a value that this operator version does not support."),
    TABLE_TOO_LARGE(
            ConditionType.ACCEPTED,
            "TableTooLarge",
            "False",
            "The link table of a pod does not fit into an annotation; the newest links are left out."),
    REFUSED(ConditionType.ACCEPTED, "Refused", "False", "The API server rejected an object of the gateway."),

    RELAYS_READY(ConditionType.READY, "RelaysReady", "True", "Relays exist and listen on every port."),
    SCALED_TO_ZERO(ConditionType.READY, "ScaledToZero", "True", "The gateway is scaled to zero."),
    RELAYS_NOT_READY(ConditionType.READY, "RelaysNotReady", "False", "No relay listens on every port yet."),
    RESTART_NEEDED(
            ConditionType.READY,
            "RestartNeeded",
            "False",
            "Some selected pods have no relay. Recreate them to add it."),
    NOT_INJECTED(ConditionType.READY, "NotInjected", "False", "None of the selected pods can have a relay."),
    NO_PODS(ConditionType.READY, "NoPods", "True", "No pod matches the selector now."),
    NOT_ACCEPTED(
            ConditionType.READY,
            "NotAccepted",
            "False",
            "There are no relays, because the Ambassador is not accepted."),

    ACKNOWLEDGED(ConditionType.CONVERGED, "Acknowledged", "True", "Every running relay acknowledged the revision."),
    NO_RELAYS(ConditionType.CONVERGED, "NoRelays", "True", "No relay is running, so none serves another revision."),
    PROPAGATING(ConditionType.CONVERGED, "Propagating", "False", "Some relays have not acknowledged the revision yet."),
    STALLED(ConditionType.CONVERGED, "Stalled", "False", "Some relays still serve another revision after 30 s."),
    NOT_APPLIED(
            ConditionType.CONVERGED, "NotAccepted", "False", "Not accepted. Relays keep the last valid configuration."),
    RELAY_IN_ERROR(
            ConditionType.CONVERGED,
            "RelayInError",
            "False",
            "A relay rejected the table, or cannot listen on one of its ports."),
    RELAY_TOO_OLD(
            ConditionType.CONVERGED,
            "RelayTooOld",
            "False",
            "Some relays do not know a feature that a link requires, and serve the link as it was."),
    CREDENTIAL_NOT_MOUNTED(
            ConditionType.CONVERGED,
            "CredentialNotMounted",
            "False",
            "Some pods were created without a certificate or password that a link names, and serve the link as it was."),
    PREFLIGHT_FAILED(
            ConditionType.CONVERGED,
            "PreflightFailed",
            "False",
            "A new target does not answer, so relays keep the former targets."),
    REFS_NOT_RESOLVED(
            ConditionType.CONVERGED,
            "RefsNotResolved",
            "False",
            "Some links name a ConfigMap without usable certificates, and relays serve them as before."),
    STAGED(
            ConditionType.CONVERGED,
            "Staged",
            "False",
            "Some relays have the new targets; the others get them by steps."),
    ROLLED_BACK(
            ConditionType.CONVERGED,
            "RolledBack",
            "False",
            "Connects to the new targets failed. Relays have the targets from before."),
    ROLLOUT_PAUSED(
            ConditionType.CONVERGED,
            "Paused",
            "False",
            "Connects to the new targets failed. No further relay gets the new targets."),
    ROLLOUT_HELD(ConditionType.CONVERGED, "Held", "False", "The steps of the retarget wait for the end of the hold."),
    UNACKNOWLEDGED(
            ConditionType.CONVERGED,
            "Unacknowledged",
            "Unknown",
            "Some relays cannot be reached. They may be up to date."),

    CONNECTED(ConditionType.TARGET_REACHABLE, "Connected", "True", "The latest connects of the relays succeeded."),
    FAILED_OVER(
            ConditionType.TARGET_REACHABLE,
            "FailedOver",
            "True",
            "Some relays use a later target, because an earlier one is unhealthy."),
    NO_HEALTHY_TARGET(
            ConditionType.TARGET_REACHABLE, "NoHealthyTarget", "False", "Some relays find every target unhealthy."),
    CONNECT_FAILED(ConditionType.TARGET_REACHABLE, "ConnectFailed", "False", "The latest connects of a link failed."),
    NOT_TRIED(ConditionType.TARGET_REACHABLE, "NotTried", "Unknown", "No relay has connected to a target yet."),

    HOLDING(ConditionType.HELD, "Holding", "True", "Every relay holds, and no connection to a target is left."),
    DRAINING(
            ConditionType.HELD,
            "Draining",
            "False",
            "Some relays do not hold yet, or have connections to a target left."),
    NOT_HELD(ConditionType.HELD, "NotHeld", "False", "The spec asks for no hold, or it could not be applied."),
    EXPIRED(ConditionType.HELD, "Expired", "False", "The timeout of the hold has passed. Remove spec.hold."),
    HOLD_UNACKNOWLEDGED(
            ConditionType.HELD, "Unacknowledged", "Unknown", "Some relays cannot be reached. They may hold."),

    RESOLVED_REFS(
            ConditionType.RESOLVED_REFS,
            "ResolvedRefs",
            "True",
            "The ConfigMaps and certificates that the links name are usable."),
    INVALID_CA_CERTIFICATE_REF(
            ConditionType.RESOLVED_REFS,
            "InvalidCACertificateRef",
            "False",
            "A ConfigMap that a link names does not exist or has no key ca.crt."),
    NO_VALID_CA_CERTIFICATE(
            ConditionType.RESOLVED_REFS,
            "NoValidCACertificate",
            "False",
            "The key ca.crt of a ConfigMap that a link names has no usable certificates."),
    INVALID_CERTIFICATE_REF(
            ConditionType.RESOLVED_REFS,
            "InvalidCertificateRef",
            "False",
            "A relay cannot use a certificate that a link names.");

    private final ConditionType type;
    private final String word;
    private final String status;
    private final String sentence;

    ConditionReason(ConditionType type, String word, String status, String sentence) {
        this.type = type;
        this.word = word;
        this.status = status;
        this.sentence = sentence;
    }

    public ConditionType type() {
        return type;
    }

    /** The {@code reason} of the condition. */
    public String word() {
        return word;
    }

    /** The {@code status} of the condition: True, False or Unknown. */
    public String status() {
        return status;
    }

    /** The {@code message} when there is nothing more to tell. */
    public String sentence() {
        return sentence;
    }
}
