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
 * Reports when a thread that every edit needs makes no progress: by a metric from the first second on, and by a line in the log after
 * {@link Limits#reported}, with what the thread does.
 *
 * <p>It gives each watched executor a task, the way real work comes, and checks from a thread of its own whether the task ran. So it
 * notices an executor that waits for a lock, works without end, or has all of its threads held.
 */
final class StallWatch {
    private static final Logger LOG = Logger.getLogger(StallWatch.class);
    private static final int MOST_FRAMES = 12;

    /**
     * How long an executor may make no progress.
     *
     * @param reported until a line in the log
     * @param dead until the liveness probe fails. This is longer than any work takes, because a restart begins the work again, and
     *     no pods are injected meanwhile
     */
    record Limits(Duration checkEvery, Duration reported, Duration dead) {
        static final Limits DEFAULT = new Limits(Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ofMinutes(3));
    }

    private static final class Place {
        private final String name;
        private final Executor executor;
        private volatile long askedAt;
        private volatile boolean waiting;
        private volatile Thread thread;
        private boolean reported;

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

    /** Starts to check, on a thread that ends with the process. */
    void start() {
        ScheduledExecutorService checks = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "stall-watch");
            thread.setDaemon(true);
            return thread;
        });
        long period = limits.checkEvery().toMillis();
        checks.scheduleWithFixedDelay(() -> places.forEach(this::check), 0, period, TimeUnit.MILLISECONDS);
    }

    /** @param executor the one that the work goes through; it may reject tasks once it is closed */
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

    /** The names of the executors that have made no progress for {@link Limits#dead}. */
    List<String> dead() {
        return places.stream()
                .filter(place -> stalled(place).compareTo(limits.dead()) >= 0)
                .map(place -> place.name)
                .toList();
    }

    private void check(Place place) {
        if (!place.waiting) {
            if (place.reported) {
                place.reported = false;
                LOG.infof("%s: no longer stalled", place.name);
            }
            ask(place);
            return;
        }
        Duration stalled = stalled(place);
        if (!place.reported && stalled.compareTo(limits.reported()) >= 0) {
            place.reported = true;
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
            // The executor was closed.
            place.waiting = false;
        }
    }

    private Duration stalled(Place place) {
        return place.waiting ? Duration.ofNanos(nanoTime.getAsLong() - place.askedAt) : Duration.ZERO;
    }

    /** What the thread does that ran the latest task; of several threads, this one serves as an example. */
    private static String at(Thread thread) {
        return thread == null
                ? ""
                : Stream.of(thread.getStackTrace())
                        .limit(MOST_FRAMES)
                        .map(StackTraceElement::toString)
                        .collect(Collectors.joining(" < ", "; " + thread.getName() + " is at ", ""));
    }
}
