package link.ambassador.operator;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Tells when something that every edit goes through stands still: a line in the log after {@link Limits#told}, with what its
 * thread is at, and a metric from the first second on.
 *
 * <p>It gives each such place a task to run, the same way as its real work comes, and looks from a thread of its own whether
 * that was done. So nothing but the place's own turn makes it count as alive, whether it waits for a lock, works without end,
 * or has all of its threads held.
 */
final class StallWatch {
    private static final Logger LOG = Logger.getLogger(StallWatch.class);
    private static final int MOST_FRAMES = 12;

    /**
     * How long something stands still until what.
     *
     * @param told until it is told
     * @param dead until it is taken for dead. Much work ends, and a restart would begin it again and keep pods from being
     *     admitted meanwhile; so this is longer than any work takes
     */
    record Limits(Duration lookEvery, Duration told, Duration dead) {
        static final Limits DEFAULT = new Limits(Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ofMinutes(3));
    }

    private static final class Place {
        private final String name;
        private final Executor executor;
        private volatile long askedAt;
        private volatile boolean waiting;
        private volatile Thread thread;
        private boolean told;

        Place(String name, Executor executor) {
            this.name = name;
            this.executor = executor;
        }
    }

    private final Limits limits;
    private final LongSupplier nanoTime;
    private final MeterRegistry meters;
    private final List<Place> places = new CopyOnWriteArrayList<>();

    /** @param nanoTime as {@link System#nanoTime} */
    StallWatch(Limits limits, LongSupplier nanoTime, MeterRegistry meters) {
        this.limits = limits;
        this.nanoTime = nanoTime;
        this.meters = meters;
    }

    /** Begins; its thread ends with the process. */
    void start() {
        ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "stall-watch");
            thread.setDaemon(true);
            return thread;
        });
        long period = limits.lookEvery().toMillis();
        looking.scheduleWithFixedDelay(() -> places.forEach(this::look), 0, period, TimeUnit.MILLISECONDS);
    }

    /** @param executor what work comes through; it may refuse, once it is closed */
    void watch(String name, Executor executor) {
        Place place = new Place(name, executor);
        places.add(place);
        Gauge.builder(
                        "ambassador.operator.stalled.seconds",
                        () -> stalled(place).toMillis() / 1e3)
                .description("How long it has not started its next piece of work")
                .tag("place", name)
                .strongReference(true)
                .register(meters);
    }

    /** The names of the places that have stood still for longer than any work takes. */
    List<String> dead() {
        return places.stream()
                .filter(place -> stalled(place).compareTo(limits.dead()) >= 0)
                .map(place -> place.name)
                .toList();
    }

    private void look(Place place) {
        if (!place.waiting) {
            if (place.told) {
                place.told = false;
                LOG.infof("%s: no longer stalled", place.name);
            }
            ask(place);
            return;
        }
        Duration stalled = stalled(place);
        if (!place.told && stalled.compareTo(limits.told()) >= 0) {
            place.told = true;
            LOG.warnf(
                    "%s: stalled, work from %d ms ago has not started%s",
                    place.name, stalled.toMillis(), at(place.thread));
        }
    }

    private void ask(Place place) {
        place.askedAt = nanoTime.getAsLong();
        place.waiting = true;
        try {
            place.executor.execute(() -> {
                place.thread = Thread.currentThread();
                place.waiting = false;
            });
        } catch (RejectedExecutionException | IllegalStateException e) {
            // It was closed.
            place.waiting = false;
        }
    }

    private Duration stalled(Place place) {
        return place.waiting ? Duration.ofNanos(nanoTime.getAsLong() - place.askedAt) : Duration.ZERO;
    }

    /** What the thread that was there last is at; of several it is one that stands for all. */
    private static String at(Thread thread) {
        return thread == null
                ? ""
                : Stream.of(thread.getStackTrace())
                        .limit(MOST_FRAMES)
                        .map(StackTraceElement::toString)
                        .collect(Collectors.joining(" < ", "; " + thread.getName() + " is at ", ""));
    }
}
