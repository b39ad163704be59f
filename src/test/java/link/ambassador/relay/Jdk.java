package link.ambassador.relay;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A JDK of this machine, on which the relay must run. */
record Jdk(Path home) {
    private static final int OLDEST = 17;
    private static final Path DEBIAN = Path.of("/usr/lib/jvm");
    private static final Pattern VERSION = Pattern.compile("(?m)^JAVA_VERSION=\"([0-9]+)");

    /** The running JDK first, then all others that Debian installed. */
    static List<Jdk> all() throws IOException {
        Jdk running = running();
        TreeSet<Path> others = new TreeSet<>();
        if (Files.isDirectory(DEBIAN)) {
            try (DirectoryStream<Path> homes = Files.newDirectoryStream(DEBIAN)) {
                for (Path home : homes) {
                    if (Files.isExecutable(home.resolve("bin/java")) && version(home) >= OLDEST) {
                        others.add(home.toRealPath());
                    }
                }
            }
        }
        others.remove(running.home);
        List<Jdk> all = new ArrayList<>(List.of(running));
        others.forEach(home -> all.add(new Jdk(home)));
        return all;
    }

    static Jdk running() throws IOException {
        return new Jdk(Path.of(System.getProperty("java.home")).toRealPath());
    }

    /** The feature version; 0 if it is not known. */
    private static int version(Path home) throws IOException {
        Path release = home.resolve("release");
        if (!Files.exists(release)) {
            return 0;
        }
        Matcher version = VERSION.matcher(Files.readString(release));
        return version.find() ? Integer.parseInt(version.group(1)) : 0;
    }

    String java() {
        return home.resolve("bin/java").toString();
    }

    @Override
    public String toString() {
        return home.getFileName().toString();
    }
}
