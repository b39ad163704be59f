package link.ambassador.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.Lock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.function.LongSupplier;

/**
 * A lock whose age is measured from the moment when this process first saw its current state, and not from the time that its holder
 * wrote into it. The client compares that time with its own clock, so a replica whose clock is ten seconds ahead would take the Lease
 * from a live leader.
 *
 * @see <a href="https://pkg.go.dev/k8s.io/client-go/tools/leaderelection">client-go does the same: "tolerant to arbitrary
 *     clock skew"</a>
 */
final class ObservedLock implements Lock {
    private final Lock lock;
    private final LongSupplier nanoTime;
    private LeaderElectionRecord observed;
    private long observedAt;

    /** @param nanoTime as {@link System#nanoTime} */
    ObservedLock(Lock lock, LongSupplier nanoTime) {
        this.lock = lock;
        this.nanoTime = nanoTime;
    }

    @Override
    public synchronized LeaderElectionRecord get(KubernetesClient client) {
        LeaderElectionRecord found = lock.get(client);
        if (found == null) {
            return null;
        }
        if (!found.equals(observed)) {
            observed = found;
            observedAt = nanoTime.getAsLong();
        }
        return new LeaderElectionRecord(
                found.getHolderIdentity(),
                found.getLeaseDuration(),
                found.getAcquireTime(),
                ZonedDateTime.now(ZoneOffset.UTC).minus(Duration.ofNanos(nanoTime.getAsLong() - observedAt)),
                found.getLeaderTransitions());
    }

    @Override
    public void create(KubernetesClient client, LeaderElectionRecord mine) {
        lock.create(client, mine);
    }

    @Override
    public void update(KubernetesClient client, LeaderElectionRecord mine) {
        lock.update(client, mine);
    }

    @Override
    public String identity() {
        return lock.identity();
    }

    @Override
    public String describe() {
        return lock.describe();
    }
}
