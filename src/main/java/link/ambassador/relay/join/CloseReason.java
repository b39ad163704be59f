package link.ambassador.relay.join;

import java.util.Locale;

/** Why a relayed connection ended. The log, the metric and {@code /links} use the same word. */
public enum CloseReason {
    COMPLETED("both sides ended their stream"),
    DOWNSTREAM_RESET("the downstream reset the connection"),
    UPSTREAM_RESET("the upstream reset the connection"),
    CONNECT_FAILED("no target could be connected"),
    IDLE_TIMEOUT("no byte in either direction for idleTimeout"),
    HALF_CLOSE_TIMEOUT("one side had ended, and no byte came from the other for halfCloseTimeout"),
    MAX_CONNECTIONS("the link was at maxConnections"),
    OVER_BUDGET("the relay's byte budget was used up"),
    PROXY_HEADER("the downstream did not begin with a PROXY protocol header that the link accepts"),
    NOT_TLS("the downstream did not begin a TLS handshake"),
    HANDSHAKE("the TLS handshake of the downstream failed, or took too long"),
    IDENTITY("the downstream showed no certificate that the link accepts"),
    FILE_DESCRIPTORS("the relay had no free file descriptor"),
    RETARGETED("its target left the link table"),
    FAILED_OVER("its target became unhealthy, or a preferred one is healthy again"),
    DRAINED("drained"),
    DRAIN_TIMEOUT("not idle within drainTimeout"),
    HOLD_STARTED("a hold of its link began"),
    HOLD_OVERFLOW("maxHeld connections of the link waited for the end of its hold already"),
    HOLD_EXPIRED("the hold of its link was not over within its timeout"),
    SHUTDOWN("the relay is shutting down"),
    INTERNAL_ERROR("an error in the relay itself, which it logged");

    private final String sentence;

    CloseReason(String sentence) {
        this.sentence = sentence;
    }

    /** For a person. */
    public String sentence() {
        return sentence;
    }

    /** The value of the metric's label. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
