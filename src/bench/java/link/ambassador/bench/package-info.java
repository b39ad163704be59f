/**
 * The benchmark of the relay, run by {@code src/bench/run}: each peer, this relay and the direct connection on one
 * machine, in turns of one run. It needs only the JDK and Debian's programs. iperf3 and redis-benchmark make the load,
 * and classes here what those cannot.
 */
package link.ambassador.bench;
