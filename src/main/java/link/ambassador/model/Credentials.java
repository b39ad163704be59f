package link.ambassador.model;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import link.ambassador.config.Annotations;

/**
 * The words in the annotation {@link Annotations#CREDENTIALS}: the name of a Secret with a certificate, or {@code name/key} for one key of a
 * Secret.
 */
public final class Credentials {
    /** What the resource allows: a volume can be called after the name, and the policies let the operator mount the key. */
    private static final Pattern WORD = Pattern.compile(
            "[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?(/(?=.*[Pp][Aa][Ss][Ss])[A-Za-z0-9_-][A-Za-z0-9._-]{0,62})?");

    private Credentials() {}

    /** The valid words in a value of the annotation, in order. */
    public static Set<String> in(String annotation) {
        Set<String> words = new TreeSet<>();
        Arrays.stream(annotation.split(",", -1))
                .map(String::strip)
                .filter(Credentials::isValid)
                .forEach(words::add);
        return words;
    }

    /** The value of the annotation for these credentials. */
    public static String words(Collection<String> credentials) {
        return String.join(",", new TreeSet<>(credentials));
    }

    public static boolean isValid(String word) {
        return WORD.matcher(word).matches();
    }

    /** The keys of each Secret that are files of the relay, in order, because one volume has all that is needed of a Secret. */
    public static Map<String, Set<String>> filesBySecret(Collection<String> credentials) {
        Map<String, Set<String>> files = new TreeMap<>();
        for (String word : credentials) {
            int slash = word.indexOf('/');
            files.computeIfAbsent(slash < 0 ? word : word.substring(0, slash), name -> new TreeSet<>())
                    .addAll(slash < 0 ? RelayPodDefaults.CREDENTIAL_FILES : List.of(word.substring(slash + 1)));
        }
        return files;
    }

    /** The credentials of which {@code files} of a Secret are all; the reverse of {@link #filesBySecret}. */
    public static Set<String> of(String secret, Collection<String> files) {
        Set<String> credentials = new TreeSet<>();
        for (String file : files) {
            credentials.add(RelayPodDefaults.CREDENTIAL_FILES.contains(file) ? secret : secret + "/" + file);
        }
        return credentials;
    }
}
