/**
 * A planned switchover of PostgreSQL under consumers that connect all the time, run by {@code src/bench/switchover}: what consumers see of
 * it directly, through PgBouncer, through HAProxy and through this relay. It needs only the JDK and Debian's programs.
 */
package link.ambassador.bench.switchover;
