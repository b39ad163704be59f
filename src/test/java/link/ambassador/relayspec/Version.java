package link.ambassador.relayspec;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The version that a program prints. */
final class Version {

    private static final Pattern NUMBER = Pattern.compile("\\d+(\\.\\d+)+");
    private static final Map<String, String> KNOWN = new ConcurrentHashMap<>();

    private Version() {}

    static String of(String program, String flag) {
        return KNOWN.computeIfAbsent(program, p -> ask(p, flag));
    }

    private static String ask(String program, String flag) {
        try {
            Process process =
                    new ProcessBuilder(program, flag).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            Matcher matcher = NUMBER.matcher(said);
            return matcher.find() ? matcher.group() : "";
        } catch (IOException e) {
            return "not installed";
        }
    }
}
