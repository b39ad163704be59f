package link.ambassador.relay.proxy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.logging.Logger;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.Failover;
import link.ambassador.config.Link;
import link.ambassador.config.Target;
import link.ambassador.relay.dial.CheckedTargets;
import link.ambassador.relay.dial.Dial;
import link.ambassador.relay.dial.Dials;
import link.ambassador.relay.dial.TargetHealth;
import link.ambassador.relay.probe.Prober;

/**
 * The health check of one link as it is served, and what becomes of the connections to a target that new ones leave. Does nothing while the
 * link has no health check. On the event loop.
 */
final class LinkHealth implements CheckedTargets.Listener {
    private static final Logger LOG = Logger.getLogger(LinkHealth.class.getName());

    /** The parts of a link that its health check needs. */
    record Parts(
            LinkContext shared,
            TargetHealth health,
            UpstreamConnector connector,
            FileDescriptors.Share descriptors,
            OpenSessions sessions) {}

    private final Parts parts;
    private Link link;
    /** Null while the link has no health check, as is the prober. */
    private CheckedTargets targets;

    private Prober prober;
    private boolean hadCheck;
    private Optional<Target> inUse = Optional.empty();
    private long failoversBefore;
    private Prober.Counts probesBefore = new Prober.Counts(0, 0);
    private boolean changed;

    LinkHealth(Parts parts) {
        this.parts = parts;
    }

    /** The link is like this from now on. */
    void change(Link next) {
        boolean isSame = targets != null
                && next.healthCheck().equals(link.healthCheck())
                && next.upstreamTls().equals(link.upstreamTls());
        link = next;
        if (isSame) {
            targets.change(next);
            return;
        }
        if (targets == null && next.healthCheck().isEmpty()) {
            return;
        }
        close();
        if (next.healthCheck().isPresent()) {
            hadCheck = true;
            targets = new CheckedTargets(
                    next, System::nanoTime, ThreadLocalRandom.current()::nextLong, parts.sessions()::size, this);
            prober = new Prober(
                    parts.shared().loop(),
                    next.healthCheck().get(),
                    targets,
                    dials(next),
                    new Prober.Descriptors() {
                        @Override
                        public boolean acquire() {
                            return parts.descriptors().acquire(1);
                        }

                        @Override
                        public void release() {
                            parts.descriptors().release(1);
                        }
                    },
                    parts.shared().credentials());
            parts.health().checkedBy(targets);
        }
        changed();
    }

    private Dials dials(Link next) {
        boolean ownPort = next.healthCheck().orElseThrow().port().isPresent();
        return parts.shared()
                .uncountedDials(
                        ownPort
                                ? parts.connector().probingAnotherPort()
                                : parts.connector().probing());
    }

    /** Probes nothing any longer. */
    void close() {
        if (targets != null) {
            failoversBefore += targets.failovers();
            probesBefore = sum(probesBefore, prober.counts());
            prober.close();
            targets = null;
            prober = null;
            parts.health().checkedBy(null);
        }
    }

    private static Prober.Counts sum(Prober.Counts one, Prober.Counts other) {
        return new Prober.Counts(one.ok() + other.ok(), one.failed() + other.failed());
    }

    /** A connection came, and is not counted as open yet. */
    void connectionBegan() {
        if (targets != null) {
            targets.connectionBegan();
        }
    }

    /** A session ended, and is not counted as open any longer. */
    void connectionEnded(Session session) {
        if (targets != null) {
            targets.connectionEnded();
            if (session.connection().isAnswered()) {
                session.target().ifPresent(targets::answered);
            }
        }
    }

    /** Whether a connection to this target is wanted, by what is known of it now. */
    boolean isWanted(Target target) {
        return targets == null || targets.isWanted(target);
    }

    @Override
    public void changed() {
        if (!changed) {
            changed = true;
            // Later: those that caused it are in the middle of something.
            parts.shared().loop().execute(this::follow);
        }
    }

    private void follow() {
        changed = false;
        parts.shared().turns().each(parts.health().dials(), Dial::reconsider);
        if (targets == null) {
            return;
        }
        if (!targets.inUse().equals(inUse)) {
            if (inUse.isPresent() && targets.inUse().isPresent()) {
                String before = inUse.get().toString();
                LOG.info(() -> describe() + ": new connections go to "
                        + targets.inUse().get() + " now, and not to " + before);
            }
            inUse = targets.inUse();
        }
        prober.update();
    }

    @Override
    public void left(Target target, String why) {
        parts.shared().loop().execute(() -> leave(target, why));
    }

    private void leave(Target target, String why) {
        ExistingConnections policy =
                link.failover().map(Failover::existingConnections).orElse(ExistingConnections.KEEP);
        LOG.info(() -> describe() + " leaves " + target + " (" + why + "); its connections: " + policy.word());
        parts.sessions()
                .leave(target, policy, System.nanoTime() + link.drainTimeout().toNanos());
    }

    private String describe() {
        return link.alias() + " on port " + link.listen();
    }

    /** Empty if the link never had a health check. */
    Optional<HealthSnapshot> snapshot() {
        if (!hadCheck) {
            return Optional.empty();
        }
        Map<Target, CheckedTargets.Snapshot> known = new HashMap<>();
        for (Target target : targets == null ? List.<Target>of() : targets.all()) {
            targets.snapshot(target).ifPresent(snapshot -> known.put(target, snapshot));
        }
        return Optional.of(new HealthSnapshot(
                known,
                targets == null ? Optional.empty() : targets.inUse(),
                failoversBefore + (targets == null ? 0 : targets.failovers()),
                prober == null ? probesBefore : sum(probesBefore, prober.counts())));
    }
}
