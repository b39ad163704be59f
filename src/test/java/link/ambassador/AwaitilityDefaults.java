package link.ambassador;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * How long every test awaits what it does not give a time of its own: what is right comes in a moment, and a machine that
 * does much else is no failure.
 */
public final class AwaitilityDefaults implements LauncherSessionListener {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        Awaitility.setDefaultTimeout(PATIENCE);
    }
}
