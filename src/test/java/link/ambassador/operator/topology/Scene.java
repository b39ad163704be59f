package link.ambassador.operator.topology;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.Link;
import link.ambassador.config.Target;
import link.ambassador.operator.delivery.RelayLoad;
import link.ambassador.operator.delivery.RelayLoad.LinkLoad;
import link.ambassador.operator.delivery.RelayLoad.TargetLoad;
import link.ambassador.operator.delivery.RelayPod;
import link.ambassador.operator.delivery.RelaySync;
import link.ambassador.operator.delivery.RelaySync.SyncState;
import link.ambassador.operator.history.Retarget;
import link.ambassador.operator.status.ObservedRelay;

/** A few Ambassadors in all states, and the page about them on a port of loopback. */
final class Scene implements AutoCloseable {
    static final Instant NOW = Instant.parse("2026-11-30T15:20:00Z");

    final List<Ambassador> ambassadors = new ArrayList<>();
    final Map<String, List<Retarget>> retargets = new HashMap<>();
    final Topology topology = new Topology(Clock.fixed(NOW.minusSeconds(12), ZoneOffset.UTC));
    boolean leads = true;
    private final Vertx vertx = Vertx.vertx();
    private final HttpServer server;

    Scene() throws Exception {
        Router router = Router.router(vertx);
        new TopologyRoutes(new TopologyRoutes.Sources(
                        ambassadors::stream,
                        (namespace, name) -> ambassadors.stream()
                                .filter(found -> found.getMetadata().getUid().equals(namespace + "-" + name))
                                .findFirst(),
                        ambassador ->
                                retargets.getOrDefault(ambassador.getMetadata().getUid(), List.of()),
                        topology,
                        () -> leads,
                        "0.2.0",
                        Clock.fixed(NOW, ZoneOffset.UTC)))
                .addTo(router);
        server = vertx.createHttpServer()
                .requestHandler(router)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
    }

    URI page() {
        return URI.create("http://127.0.0.1:" + server.actualPort() + "/");
    }

    static Scene ofAShop() throws Exception {
        Scene scene = new Scene();
        scene.add(
                "shop",
                "orders-db",
                "{listen: 5432, targets: [{host: pg-a.eu.example.com, port: 5432}, {host: pg-b.us.example.com, port: 5432}]}",
                "gateway: {replicas: 3}",
                """
                - {type: Accepted, status: "True", reason: Accepted, message: The Ambassador is active.}
                - {type: Ready, status: "True", reason: RelaysReady, message: Relays exist and listen on every port.}
                - {type: Converged, status: "False", reason: Propagating, message: 2 of 3 relays acknowledged revision 5f0c2a9e.}
                - {type: TargetReachable, status: "True", reason: Connected, message: The latest connects of the relays succeeded.}
                - {type: Reconciling, status: "True", reason: Propagating, message: 2 of 3 relays acknowledged revision 5f0c2a9e.}
                """,
                retarget("5432 -> pg-old:5432", "5432 -> pg-a.eu.example.com:5432 +1", 9, null));
        scene.relay(
                "shop",
                "orders-db",
                "orders-db-ambassador-7c9d-2xkpl",
                SyncState.ACKNOWLEDGED,
                "",
                load(5432, 44, 41, 0));
        scene.relay(
                "shop",
                "orders-db",
                "orders-db-ambassador-7c9d-8vq4t",
                SyncState.ACKNOWLEDGED,
                "",
                load(5432, 38, 38, 0));
        scene.relay(
                "shop",
                "orders-db",
                "orders-db-ambassador-7c9d-zr7mn",
                SyncState.STALE,
                "serves revision 11ab40ce",
                load(5432, 17, 0, 0));
        scene.remember("shop-orders-db");
        scene.add(
                "shop",
                "cache",
                "{listen: 6379, targets: [{host: redis-b, port: 6379}]}",
                "sidecar: {selector: {matchLabels: {app: web}}}",
                HEALTHY,
                retarget("6379 -> redis-a:6379", "6379 -> redis-b:6379", 620, 0.8));
        scene.relay("shop", "cache", "web-6d5b-4jq8p", SyncState.ACKNOWLEDGED, "", redis(3));
        scene.relay("shop", "cache", "web-6d5b-t9wzc", SyncState.ACKNOWLEDGED, "", redis(2));
        scene.add(
                "billing",
                "broker",
                "{listen: 5672, targets: [{host: 10.20.0.7, port: 5672}]}",
                "gateway: {}",
                """
                - {type: Accepted, status: "True", reason: Accepted, message: The Ambassador is active.}
                - {type: Ready, status: "True", reason: RelaysReady, message: Relays exist and listen on every port.}
                - {type: Converged, status: "True", reason: Acknowledged, message: Every running relay acknowledged the revision.}
                - {type: TargetReachable, status: "False", reason: ConnectFailed, message: "10.20.0.7:5672 <b>refused</b> \\u202e"}
                """,
                retarget("", "5672 -> 10.20.0.7:5672", 260_000, 1.9));
        scene.relay(
                "billing",
                "broker",
                "broker-ambassador-5d7f-k2j9x",
                SyncState.ACKNOWLEDGED,
                "",
                new RelayLoad(List.of(new LinkLoad(5672, 0, List.of(new TargetLoad("10.20.0.7:5672", 0, true))))));
        scene.add("billing", "new", "{listen: 80, targets: [{host: web, port: 80}]}", "gateway: {}", null, null);
        return scene;
    }

    static final String HEALTHY =
            """
            - {type: Accepted, status: "True", reason: Accepted, message: The Ambassador is active.}
            - {type: Ready, status: "True", reason: RelaysReady, message: Relays exist and listen on every port.}
            - {type: Converged, status: "True", reason: Acknowledged, message: Every running relay acknowledged the revision.}
            - {type: TargetReachable, status: "Unknown", reason: NotTried, message: No relay has connected to a target yet.}
            """;

    private static RelayLoad load(int listen, int open, int first, int second) {
        return new RelayLoad(List.of(new LinkLoad(
                listen,
                open,
                List.of(
                        new TargetLoad("pg-a.eu.example.com:5432", first, false),
                        new TargetLoad("pg-b.us.example.com:5432", second, false)))));
    }

    private static RelayLoad redis(int open) {
        return new RelayLoad(List.of(new LinkLoad(6379, open, List.of(new TargetLoad("redis-b:6379", open, false)))));
    }

    private static String retarget(String from, String to, long secondsAgo, Double took) {
        Instant started = NOW.minusSeconds(secondsAgo);
        return "{revision: r, from: \"%s\", to: \"%s\", startedAt: \"%s\"%s}"
                .formatted(
                        from,
                        to,
                        started,
                        took == null ? "" : ", convergedAt: \"" + started.plusMillis((long) (took * 1000)) + "\"");
    }

    /** Ten retargets, the newest of which is on its way, and the one before did not reach every relay. */
    private void remember(String uid) {
        List<String> hosts = List.of("pg-a.eu.example.com", "pg-old", "pg-b.us.example.com");
        long[] secondsAgo = {9, 40, 600, 5_400, 9_000, 86_400, 90_000, 200_000, 500_000, 900_000};
        List<Retarget> remembered = new ArrayList<>();
        for (int i = 0; i < secondsAgo.length; i++) {
            Instant started = NOW.minusSeconds(secondsAgo[i]);
            remembered.add(new Retarget(
                    14 - i,
                    List.of(Link.of("db", 5432, List.of(new Target(hosts.get((i + 1) % 3), 5432)))),
                    List.of(Link.of("db", 5432, List.of(new Target(hosts.get(i % 3), 5432)))),
                    i == 0 ? "kubectl-patch" : "kustomize-controller",
                    started,
                    i < 2 ? Optional.empty() : Optional.of(started.plusMillis(400 + 150L * i)),
                    Optional.empty()));
        }
        retargets.put(uid, remembered);
    }

    /** @param conditions as YAML; null for an Ambassador that no operator has reconciled */
    void add(String namespace, String name, String link, String placement, String conditions, String retarget) {
        String status = conditions == null
                ? ""
                : """
                  status:
                    observedGeneration: 1
                    summary: {listen: "%s", target: "%s", placement: gateway, relays: "2/3"}
                    relays: {selected: 3, injected: 3, converged: 2, stale: 1, unknown: 0, outdated: 0}
                  %s
                    conditions:
                  %s
                  """
                        .formatted(
                                link.replaceAll(".*listen: (\\d+).*", "$1"),
                                link.replaceAll(".*?host: ([^,]+), port: (\\d+).*", "$1:$2")
                                        .replace("\"", ""),
                                retarget == null ? "" : "  lastRetarget: " + retarget,
                                conditions.indent(2).stripTrailing());
        ambassadors.add(Serialization.unmarshal(
                """
                apiVersion: ambassador.link/v1alpha1
                kind: Ambassador
                metadata: {namespace: %s, name: %s, uid: %s, generation: 1}
                spec:
                  links: [%s]
                  placement: {%s}
                """
                                .formatted(namespace, name, namespace + "-" + name, link, placement)
                        + status,
                Ambassador.class));
        relays.clear();
    }

    private final List<ObservedRelay> relays = new ArrayList<>();

    /** One more relay of the Ambassador that was added last. */
    void relay(String namespace, String name, String pod, SyncState state, String sentence, RelayLoad load) {
        RelayPod of = new RelayPod(namespace, pod, "uid-" + pod, Optional.of("10.0.0.1"), true, false, true);
        relays.add(new ObservedRelay(of, new RelaySync(state, sentence, Optional.empty())));
        topology.observed(namespace + "-" + name, List.copyOf(relays));
        topology.answered(of, load);
    }

    @Override
    public void close() {
        vertx.close()
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
    }
}
