package link.ambassador.relay.proxy;

import java.util.List;
import link.ambassador.config.Target;

/**
 * What the latest change of a link's targets did to the connections that were open when it came.
 *
 * @param from the targets before it
 * @param drained how many it left to end when they are idle; without those that drained already
 * @param reset how many it reset
 */
public record RetargetOutcome(List<Target> from, int drained, int reset) {}
