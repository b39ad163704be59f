package link.ambassador.relay.names;

import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
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
        asked.forEach(name -> found.put(name, new ArrayList<>()));
        lines(content, line -> {
            String[] words = words(line);
            for (int i = 1; i < words.length; i++) {
                List<InetAddress> addresses = found.get(words[i].toLowerCase(Locale.ROOT));
                if (addresses != null) {
                    Literal.parse(words[0])
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

    /** Of a line that is too long, what is beyond is left out. */
    private static void lines(InputStream content, Consumer<String> taker) throws IOException {
        byte[] chunk = new byte[8192];
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int left = MOST_BYTES;
        for (int read = content.read(chunk); read > 0 && left > 0; read = content.read(chunk)) {
            left -= read;
            for (int i = 0; i < read; i++) {
                if (chunk[i] == '\n') {
                    taker.accept(line.toString(StandardCharsets.ISO_8859_1));
                    line.reset();
                } else if (line.size() < MOST_LINE_BYTES) {
                    line.write(chunk[i]);
                }
            }
        }
        taker.accept(line.toString(StandardCharsets.ISO_8859_1));
    }
}
