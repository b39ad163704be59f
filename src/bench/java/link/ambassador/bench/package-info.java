/**
 * The benchmark of the relay, run by {@code src/bench/run}: each peer, ours and the direct connection on one machine in one
 * run, turn by turn. It needs the JDK and Debian's programs alone, no library; load is made by iperf3, redis-benchmark and, where those do
 * not do, by classes here.
 */
package link.ambassador.bench;
