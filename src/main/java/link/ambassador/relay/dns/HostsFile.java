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
 * The hosts(5) of the pod. Only what it says of names that were asked for is kept, since of the lists that block
 * advertisements, with some 100,000 names, nothing else is of use; a name that was never asked for is looked up in the
 * file once, and again when the file changed.
 */
final class HostsFile {
    /** What is behind it does not count. */
    static final int MOST_BYTES = 64 << 20;

    private static final int MOST_LINE_BYTES = 8192;
    /** A power of two. */
    private static final int HASHES = 1 << 16;
    /** Names come from link tables; this holds whatever many edits leave behind. */
    private static final int MOST_NAMES = 16_384;

    private final Set<String> asked = ConcurrentHashMap.newKeySet();
    private final WatchedFile<Map<String, List<InetAddress>>> file;

    HostsFile(Path path, EventLoop loop, Executor aside, LongSupplier nanoTime) {
        file = new WatchedFile<>(path, this::parse, loop, aside, nanoTime);
    }

    /** The addresses of a host, in the order of the file; none when the file does not name it. On the event loop. */
    Future<List<InetAddress>> of(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        if (!asked.contains(name)) {
            if (asked.size() >= MOST_NAMES) {
                asked.clear();
            }
            asked.add(name);
        }
        // A look that was under way may have begun before the name was asked for; the one behind it did not.
        return file.get()
                .compose(found -> has(found, name) ? Future.succeededFuture(found) : file.again())
                .compose(found -> has(found, name) ? Future.succeededFuture(found) : file.again())
                .map(found -> has(found, name) ? found.get(name) : List.of());
    }

    private static boolean has(Map<String, List<InetAddress>> found, String name) {
        return found != null && found.containsKey(name);
    }

    private Map<String, List<InetAddress>> parse(InputStream content) throws IOException {
        Map<String, List<InetAddress>> found = new HashMap<>();
        BitSet hashes = new BitSet(HASHES);
        asked.forEach(name -> {
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
     * Takes the lines with a word of these hashes, and makes nothing of the others, which may be a hundred thousand. Of a
     * line that is too long, what is beyond is left out.
     */
    private static void lines(InputStream content, BitSet hashes, Consumer<String> taker) throws IOException {
        byte[] chunk = new byte[64 * 1024];
        byte[] line = new byte[MOST_LINE_BYTES];
        int length = 0;
        int hash = 0;
        boolean wanted = false;
        int left = MOST_BYTES;
        for (int read = content.read(chunk); read > 0 && left > 0; read = content.read(chunk)) {
            left -= read;
            for (int i = 0; i < read; i++) {
                byte next = chunk[i];
                if ((next > ' ' || next < 0) && next != '#') {
                    // As String.hashCode of the word in lower case.
                    hash = 31 * hash + (next >= 'A' && next <= 'Z' ? next + ('a' - 'A') : next & 0xff);
                } else {
                    wanted |= hashes.get(hash & (HASHES - 1));
                    hash = 0;
                }
                if (next == '\n') {
                    if (wanted) {
                        taker.accept(new String(line, 0, length, StandardCharsets.ISO_8859_1));
                    }
                    length = 0;
                    wanted = false;
                } else if (length < MOST_LINE_BYTES) {
                    line[length++] = next;
                }
            }
        }
        if (wanted || hashes.get(hash & (HASHES - 1))) {
            taker.accept(new String(line, 0, length, StandardCharsets.ISO_8859_1));
        }
    }
}
