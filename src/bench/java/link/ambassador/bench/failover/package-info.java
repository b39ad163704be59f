/**
 * Redis whose primary dies, falls silent or changes, under consumers, run by {@code src/bench/failover}: what they see of it through this
 * relay and through Debian's HAProxy with the same check. It needs only the JDK and Debian's programs.
 */
package link.ambassador.bench.failover;
