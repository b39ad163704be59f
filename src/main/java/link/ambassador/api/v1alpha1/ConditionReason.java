package link.ambassador.api.v1alpha1;

/**
 * Why a condition is as it is: the same word in status, Event, log and metric, and the status that goes with it.
 */
public enum ConditionReason {
    ACCEPTED(ConditionType.ACCEPTED, "Accepted", "True", "The Ambassador is served."),
    SERVICE_SHADOWED(
            ConditionType.ACCEPTED,
            "ServiceShadowed",
            "True",
            "It is served; but in its pods an alias hides ports of the Service of that name, which no link covers."),
    CONFLICT(ConditionType.ACCEPTED, "Conflict", "False", "Something of that name or port is not this Ambassador's."),
    TARGET_IS_SELF(
            ConditionType.ACCEPTED,
            "TargetIsSelf",
            "False",
            "A target leads back to this Ambassador, which would dial itself."),
    NOT_UNDERSTOOD(
            ConditionType.ACCEPTED,
            "NotUnderstood",
            "False",
            "The spec says what this version of the operator does not know."),
    TABLE_TOO_LARGE(
            ConditionType.ACCEPTED,
            "TableTooLarge",
            "False",
            "A pod's link table does not fit into an annotation, so the newest links are left out."),
    REFUSED(ConditionType.ACCEPTED, "Refused", "False", "The API server refused what the gateway is made of."),

    RELAYS_READY(ConditionType.READY, "RelaysReady", "True", "Relays exist and listen on every port."),
    SCALED_TO_ZERO(ConditionType.READY, "ScaledToZero", "True", "No relay is asked for, so none is missing."),
    RELAYS_NOT_READY(ConditionType.READY, "RelaysNotReady", "False", "No relay listens on every port yet."),
    RESTART_NEEDED(
            ConditionType.READY,
            "RestartNeeded",
            "False",
            "Pods that are selected were created without a relay; only creating them anew gives them one."),
    NOT_INJECTED(ConditionType.READY, "NotInjected", "False", "Pods are selected, and none of them can have a relay."),
    NO_PODS(ConditionType.READY, "NoPods", "True", "No pod is selected now, so no relay is missing."),
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
            ConditionType.CONVERGED,
            "NotAccepted",
            "False",
            "The Ambassador is not accepted: its relays, if there are any, serve its last good table."),
    RELAY_IN_ERROR(
            ConditionType.CONVERGED,
            "RelayInError",
            "False",
            "A relay refused the table, or cannot listen on a port of it."),
    UNACKNOWLEDGED(
            ConditionType.CONVERGED, "Unacknowledged", "Unknown", "What remains are relays that cannot be asked."),

    CONNECTED(ConditionType.TARGET_REACHABLE, "Connected", "True", "The latest connects of the relays succeeded."),
    CONNECT_FAILED(ConditionType.TARGET_REACHABLE, "ConnectFailed", "False", "The latest connects of a link failed."),
    NOT_TRIED(ConditionType.TARGET_REACHABLE, "NotTried", "Unknown", "No relay has connected to a target yet.");

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
