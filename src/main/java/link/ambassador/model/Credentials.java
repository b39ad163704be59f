package link.ambassador.model;

import java.util.Arrays;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import link.ambassador.config.Annotations;

/** The names in the annotation {@link Annotations#CREDENTIALS}. */
public final class Credentials {
    /** What the resource allows, so that a volume can be called after it. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?");

    private Credentials() {}

    /** The valid names in a value of the annotation, in order. */
    public static Set<String> in(String annotation) {
        Set<String> names = new TreeSet<>();
        Arrays.stream(annotation.split(",", -1))
                .map(String::strip)
                .filter(Credentials::isValid)
                .forEach(names::add);
        return names;
    }

    /** The value of the annotation for these names. */
    public static String words(Collection<String> names) {
        return String.join(",", new TreeSet<>(names));
    }

    public static boolean isValid(String name) {
        return NAME.matcher(name).matches();
    }
}
