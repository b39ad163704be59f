package link.ambassador.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import link.ambassador.config.Link;

/**
 * The variables of Docker's links for the containers of a pod: the reverse of {@link link.ambassador.config.LinkVariables}.
 *
 * <table>
 * <caption>For the link {@code redis} on port 6379, in the container {@code web}</caption>
 * <tr><td>{@code REDIS_PORT_6379_TCP}</td><td>{@code tcp://127.0.0.1:6379}</td></tr>
 * <tr><td>{@code REDIS_PORT_6379_TCP_ADDR}</td><td>{@code 127.0.0.1}</td></tr>
 * <tr><td>{@code REDIS_PORT_6379_TCP_PORT}</td><td>{@code 6379}</td></tr>
 * <tr><td>{@code REDIS_PORT_6379_TCP_PROTO}</td><td>{@code tcp}</td></tr>
 * <tr><td>{@code REDIS_NAME}</td><td>{@code /web/redis}</td></tr>
 * <tr><td>{@code REDIS_PORT}, on request</td><td>{@code tcp://127.0.0.1:6379}, with the lowest of its ports</td></tr>
 * </table>
 *
 * @param links those that get variables
 * @param aliasPort whether the bare {@code <ALIAS>_PORT} was requested; programs that expect a number there fail on it
 */
record LinkEnvironment(List<Link> links, boolean aliasPort) {
    private static final String ADDRESS = "127.0.0.1";

    /** The bytes for all containers together: the API server refuses a pod that is too large for its store. */
    private static final int MOST_BYTES = 256 * 1024;

    /**
     * The variables of {@code links}, the older first. If two aliases have one prefix ({@code a-b} and {@code a.b}), the links of the
     * older alias get the variables.
     *
     * @param containers how many containers get them
     * @param warnings gets a warning about each link without variables
     */
    static LinkEnvironment of(List<Link> links, boolean aliasPort, int containers, List<String> warnings) {
        Map<String, String> aliases = new HashMap<>();
        List<Link> having = new ArrayList<>();
        Set<String> without = new LinkedHashSet<>();
        long bytes = 0;
        for (Link link : links) {
            String prefix = prefix(link.alias());
            String holder = aliases.putIfAbsent(prefix, link.alias());
            if (!isName(prefix)) {
                without.add(
                        "The alias '" + link.alias() + "' gets no variables: their names would begin with a digit.");
            } else if (holder != null && !holder.equals(link.alias())) {
                without.add("The alias '" + link.alias() + "' gets no variables: those of '" + holder
                        + "', which is older, have the same names.");
            } else {
                bytes += (long) bytes(new LinkEnvironment(List.of(link), aliasPort)) * containers;
                if (bytes > MOST_BYTES) {
                    without.add("Port " + link.listen() + " of '" + link.alias()
                            + "' gets no variables: the pod's containers have too many already.");
                } else {
                    having.add(link);
                }
            }
        }
        warnings.addAll(without);
        return new LinkEnvironment(List.copyOf(having), aliasPort);
    }

    /** The variables of the container of this name, in their order. */
    Map<String, String> of(String container) {
        Map<String, String> variables = new LinkedHashMap<>();
        Map<String, Integer> lowest = new TreeMap<>();
        for (Link link : links) {
            String port = prefix(link.alias()) + "_PORT_" + link.listen() + "_TCP";
            variables.putIfAbsent(port, url(link.listen()));
            variables.putIfAbsent(port + "_ADDR", ADDRESS);
            variables.putIfAbsent(port + "_PORT", "" + link.listen());
            variables.putIfAbsent(port + "_PROTO", "tcp");
            variables.putIfAbsent(prefix(link.alias()) + "_NAME", "/" + container + "/" + link.alias());
            lowest.merge(prefix(link.alias()), link.listen(), Math::min);
        }
        if (aliasPort) {
            lowest.forEach((prefix, listen) -> variables.putIfAbsent(prefix + "_PORT", url(listen)));
        }
        return variables;
    }

    /**
     * Adds the variables before the container's own, so that those can refer to them ({@code $(REDIS_PORT_6379_TCP_ADDR)}). A variable
     * that the container sets itself stays. Variables from a ConfigMap ({@code envFrom}) are unknown here; an added variable
     * overrides them.
     */
    void putInto(ObjectNode container, List<String> warnings) {
        String name = PodJson.name(container);
        Map<String, String> own = PodJson.environment(container);
        List<String> kept = new ArrayList<>();
        List<JsonNode> added = new ArrayList<>();
        of(name).forEach((variable, value) -> {
            if (!own.containsKey(variable)) {
                added.add(container.objectNode().put("name", variable).put("value", value));
            } else if (!value.equals(own.get(variable))) {
                kept.add(variable);
            }
        });
        if (!kept.isEmpty()) {
            warnings.add("Container " + name + " sets " + String.join(", ", kept) + " itself, so that value is kept.");
        }
        if (!added.isEmpty()) {
            ArrayNode variables = container.withArrayProperty("env");
            variables.forEach(added::add);
            variables.removeAll().addAll(added);
        }
    }

    private static String url(int listen) {
        return "tcp://" + ADDRESS + ":" + listen;
    }

    private static String prefix(String alias) {
        return alias.toUpperCase(Locale.ROOT).replace('-', '_').replace('.', '_');
    }

    /** API servers before 1.34 accept no other name of a variable, and neither does a shell. */
    private static boolean isName(String prefix) {
        return prefix.matches("[A-Z][A-Z0-9_]*");
    }

    private static int bytes(LinkEnvironment environment) {
        // As JSON, with a container's name of the longest kind.
        return environment.of("c".repeat(63)).entrySet().stream()
                .mapToInt(variable -> (variable.getKey() + variable.getValue()).getBytes(StandardCharsets.UTF_8).length
                        + "{\"name\":\"\",\"value\":\"\"},".length())
                .sum();
    }
}
