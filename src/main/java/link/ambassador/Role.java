package link.ambassador;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import link.ambassador.config.Printable;

/** Which half of the artifact a process is. */
enum Role {
    RELAY,
    OPERATOR;

    static final String VARIABLE = "AMBASSADOR_ROLE";

    /**
     * The role asked for: by the first argument, else by {@value #VARIABLE}; empty when neither says one.
     *
     * @throws IllegalArgumentException with a sentence that says where the unknown role was found
     */
    static Optional<Role> asked(String[] arguments, Map<String, String> environment) {
        if (arguments.length > 0) {
            return Optional.of(parse(arguments[0], "the first argument"));
        }
        String value = environment.getOrDefault(VARIABLE, "");
        return value.isEmpty() ? Optional.empty() : Optional.of(parse(value, VARIABLE));
    }

    private static Role parse(String value, String where) {
        for (Role role : values()) {
            if (role.name().toLowerCase(Locale.ROOT).equals(value)) {
                return role;
            }
        }
        throw new IllegalArgumentException(
                where + " is '" + Printable.text(value) + "': it must be 'relay' or 'operator'");
    }
}
