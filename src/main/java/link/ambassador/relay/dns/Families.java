package link.ambassador.relay.dns;

import java.nio.file.Files;
import java.nio.file.Path;

/** Which families of addresses this kernel has. */
final class Families {
    private static final Path PROC_NET = Path.of("/proc/net");

    private Families() {}

    /** Elsewhere than on Linux it is taken for granted. */
    static boolean kernelHasIpv6() {
        return !Files.isDirectory(PROC_NET) || Files.exists(PROC_NET.resolve("if_inet6"));
    }
}
