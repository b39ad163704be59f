package link.ambassador.relay.dns;

import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The hosts(5) file of the pod. It keeps only the names that were looked up, because lists that block advertisements
 * have some 100,000 others. A new name makes it read the file once more; otherwise it reads the file again only after a
 * change.
 *
 * <p>Netty's parser would keep every name of a file of any size, and lose the order of IPv4 and IPv6 addresses.
 */
final class HostsFile {
    /** The rest of a longer file is ignored. */
    static final int MAX_BYTES = 64 << 20;

    private static final int MAX_LINE_BYTES = 8192;
    /** A power of two. */
    private static final int HASHES = 1 << 16;
    /** Names come from link tables. The bound is for the names that many edits leave behind. */
    private static final int MAX_NAMES = 16_384;

    private final Set<String> lookedUp = ConcurrentHashMap.newKeySet();
    private final WatchedFile<Map<String, List<InetAddress>>> file;

    HostsFile(Path path, EventLoop loop, Executor worker, LongSupplier nanoTime) {
        file = new WatchedFile<>(path, this::parse, loop, worker, nanoTime);
    }

    /** The addresses of a host, in the order of the file; none if the file does not have it. On the event loop. */
    Future<List<InetAddress>> addressesOf(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        if (!lookedUp.contains(name)) {
            if (lookedUp.size() >= MAX_NAMES) {
                lookedUp.clear();
            }
            lookedUp.add(name);
        }
        // A read that was under way may have begun before the name was added; the read behind it did not.
        return file.get()
                .compose(found -> has(found, name) ? Future.succeededFuture(found) : file.reread())
                .compose(found -> has(found, name) ? Future.succeededFuture(found) : file.reread())
                .map(found -> has(found, name) ? found.get(name) : List.of());
    }

    private static boolean has(Map<String, List<InetAddress>> found, String name) {
        return found != null && found.containsKey(name);
    }

    private Map<String, List<InetAddress>> parse(InputStream content) throws IOException {
        Map<String, List<InetAddress>> found = new HashMap<>();
        BitSet hashes = new BitSet(HASHES);
        lookedUp.forEach(name -> {
            found.put(name, new ArrayList<>());
            hashes.set(name.hashCode() & (HASHES - 1));
        });
        lines(content, hashes, line -> {
            String[] words = words(line);
            for (int i = 1; i < words.length; i++) {
                List<InetAddress> addresses = found.get(words[i].toLowerCase(Locale.ROOT));
                if (addresses != null) {
                    IpLiteral.parse(words[0])
                            .filter(address -> !addresses.contains(address))
                            .ifPresent(addresses::add);
                }
            }
        });
        found.replaceAll((name, addresses) -> List.copyOf(addresses));
        return found;
    }

    private static String[] words(String line) {
        int comment = line.indexOf('#');
        return (comment < 0 ? line : line.substring(0, comment)).trim().split("\\s+", -1);
    }

    /**
     * Finds the lines with a word of one of these hashes, and allocates nothing for the others, which may be a hundred
     * thousand. Cuts a line that is too long.
     */
    private static void lines(InputStream content, BitSet hashes, Consumer<String> consumer) throws IOException {
        byte[] chunk = new byte[64 * 1024];
        byte[] line = new byte[MAX_LINE_BYTES];
        int length = 0;
        int hash = 0;
        boolean wanted = false;
        int bytesLeft = MAX_BYTES;
        for (int read = content.read(chunk); read > 0 && bytesLeft > 0; read = content.read(chunk)) {
            bytesLeft -= read;
            for (int i = 0; i < read; i++) {
                byte next = chunk[i];
                if ((next > ' ' || next < 0) && next != '#') {
                    // The same as String.hashCode of the word in lower case.
                    hash = 31 * hash + (next >= 'A' && next <= 'Z' ? next + ('a' - 'A') : next & 0xff);
                } else {
                    wanted |= hashes.get(hash & (HASHES - 1));
                    hash = 0;
                }
                if (next == '\n') {
                    if (wanted) {
                        consumer.accept(new String(line, 0, length, StandardCharsets.ISO_8859_1));
                    }
                    length = 0;
                    wanted = false;
                } else if (length < MAX_LINE_BYTES) {
                    line[length++] = next;
                }
            }
        }
        if (wanted || hashes.get(hash & (HASHES - 1))) {
            consumer.accept(new String(line, 0, length, StandardCharsets.ISO_8859_1));
        }
    }
}
