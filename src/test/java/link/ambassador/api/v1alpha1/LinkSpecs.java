package link.ambassador.api.v1alpha1;

import java.util.List;

/** Links without the parts that most tests are not about. */
public final class LinkSpecs {
    private LinkSpecs() {}

    /** A link as the API server stores it, with its defaults. */
    public static LinkSpec stored(int listen, TargetSpec target) {
        return plain(null, listen, "TCP", List.of(target), "5s", null, "1h", null);
    }

    public static LinkSpec plain(
            String alias,
            Integer listen,
            String protocol,
            List<TargetSpec> targets,
            String connectTimeout,
            String idleTimeout,
            String halfCloseTimeout,
            Integer maxConnections) {
        return new LinkSpec(
                alias,
                listen,
                protocol,
                targets,
                connectTimeout,
                idleTimeout,
                halfCloseTimeout,
                maxConnections,
                null,
                null,
                null,
                null,
                null,
                null,
                null);
    }
}
