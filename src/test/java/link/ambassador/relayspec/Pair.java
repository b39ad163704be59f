package link.ambassador.relayspec;

/** The two ends of one relayed connection. */
public record Pair(Downstream downstream, Upstream upstream) {}
