package link.ambassador.relay.proxy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import java.util.function.IntSupplier;
import java.util.logging.Logger;
import link.ambassador.config.Link;
import link.ambassador.config.Target;
import link.ambassador.relay.dial.CheckedTargets;
import link.ambassador.relay.dial.Dial;
import link.ambassador.relay.dial.Dials;
import link.ambassador.relay.dial.TargetHealth;
import link.ambassador.relay.probe.Prober;

/** The health check of one link, as the newest table has it: made for the first table that has one. On the event loop. */
final class LinkHealth implements CheckedTargets.Listener {
    private static final Logger LOG = Logger.getLogger(LinkHealth.class.getName());

    /** The parts of a link that its health check needs. */
    record Parts(
            LinkContext shared,
            TargetHealth health,
            UpstreamConnector connector,
            FileDescriptors.Share descriptors,
            IntSupplier openConnections,
            BiConsumer<Target, String> left) {}

    private final Parts parts;
    private Link link;
    private CheckedTargets targets;
    private Prober prober;
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
        close();
        if (next.healthCheck().isPresent()) {
            targets = new CheckedTargets(
                    next, System::nanoTime, ThreadLocalRandom.current()::nextLong, parts.openConnections(), this);
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

    /** A connection ended, and is not counted as open any longer. */
    void connectionEnded() {
        if (targets != null) {
            targets.connectionEnded();
        }
    }

    /** A target sent a byte on a connection that has ended. */
    void answered(Target target) {
        if (targets != null) {
            targets.answered(target);
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
                LOG.info(() -> link.alias() + " on port " + link.listen() + ": new connections go to "
                        + targets.inUse().get() + " now, and not to " + before);
            }
            inUse = targets.inUse();
        }
        prober.update();
    }

    @Override
    public void left(Target target, String why) {
        parts.shared().loop().execute(() -> parts.left().accept(target, why));
    }

    HealthSnapshot snapshot() {
        Map<Target, CheckedTargets.Snapshot> known = new HashMap<>();
        for (Target target : targets == null ? List.<Target>of() : targets.all()) {
            targets.snapshot(target).ifPresent(snapshot -> known.put(target, snapshot));
        }
        return new HealthSnapshot(
                known,
                targets == null ? Optional.empty() : targets.inUse(),
                failoversBefore + (targets == null ? 0 : targets.failovers()),
                prober == null ? probesBefore : sum(probesBefore, prober.counts()));
    }
}
