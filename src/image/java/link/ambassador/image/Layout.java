package link.ambassador.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The folder that a role starts from. Its class path is a plain list of jars in a fixed order: an AOT cache has classes
 * of the JDK's own loaders only, and is valid only for the class path of its training.
 */
record Layout(Path folder) {
    /** The jars of a relay; all others are for the operator. The training fails if one is missing here. */
    private static final List<String> OF_RELAY = List.of(
            "com.fasterxml.jackson.core.jackson-core-",
            "io.netty.",
            "io.prometheus.prometheus-metrics-",
            "io.vertx.vertx-core-");

    private static final String NATIVE = "META-INF/native/";

    /** A jar that names the others, for {@code java -jar}: some need access that only a manifest can open. */
    void writeJar(String role) throws IOException {
        List<Path> jars = new ArrayList<>();
        if (role.equals("operator")) {
            // First, because it contains some classes of the project again, as Quarkus transformed them.
            jars.add(folder.resolve("quarkus/transformed-bytecode.jar"));
            jars.add(folder.resolve("quarkus/generated-bytecode.jar"));
        }
        jars.addAll(jars("app"));
        for (Path jar : jars("lib/main")) {
            if (role.equals("operator")
                    || OF_RELAY.stream().anyMatch(jar.getFileName().toString()::startsWith)) {
                jars.add(jar);
            }
        }
        if (role.equals("operator")) {
            jars.addAll(jars("lib/boot"));
        }
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.put(Attributes.Name.MAIN_CLASS, "link.ambassador.Main");
        attributes.put(
                Attributes.Name.CLASS_PATH,
                jars.stream().map(jar -> folder.relativize(jar).toString()).collect(Collectors.joining(" ")));
        attributes.putValue("Enable-Native-Access", "ALL-UNNAMED");
        if (role.equals("operator")) {
            // The same as in quarkus-run.jar of Quarkus, for JBoss Threads.
            attributes.putValue("Add-Opens", "java.base/java.lang");
        }
        new JarOutputStream(Files.newOutputStream(folder.resolve(role + ".jar")), manifest).close();
    }

    /** Unpacks the native library, which otherwise each start unpacks into a writable folder. */
    void unpackNativeLibraries() throws IOException {
        Path libraries = Files.createDirectories(folder.resolve("native"));
        String machine = System.getProperty("os.arch").equals("aarch64") ? "aarch_64" : "x86_64";
        for (Path jar : jars("lib/main")) {
            if (!jar.getFileName().toString().endsWith("-linux-" + machine + ".jar")) {
                continue;
            }
            try (ZipFile zip = new ZipFile(jar.toFile())) {
                for (ZipEntry entry : zip.stream().toList()) {
                    if (entry.getName().startsWith(NATIVE) && entry.getName().endsWith(".so")) {
                        try (InputStream library = zip.getInputStream(entry)) {
                            Path to = libraries.resolve(entry.getName().substring(NATIVE.length()));
                            Files.write(to, library.readAllBytes());
                        }
                    }
                }
            }
        }
    }

    /**
     * Removes fractions of seconds from file times: a cache identifies its jars by the time in seconds, and image
     * builders round up.
     */
    void dateJarsInWholeSeconds() throws IOException {
        for (String below : List.of("", "quarkus", "app", "lib/main", "lib/boot")) {
            for (Path jar : jars(below)) {
                long seconds = Files.getLastModifiedTime(jar).to(TimeUnit.SECONDS);
                Files.setLastModifiedTime(jar, FileTime.from(seconds, TimeUnit.SECONDS));
            }
        }
    }

    private List<Path> jars(String below) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve(below))) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        }
    }
}
