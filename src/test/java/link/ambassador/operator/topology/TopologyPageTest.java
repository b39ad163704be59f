package link.ambassador.operator.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import link.ambassador.operator.delivery.RelayLoad;
import link.ambassador.operator.delivery.RelaySync.SyncState;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The page in a real browser, which clicks and looks. {@code -Dtopology.picture=docs/topology.png} takes the README's picture. */
@Execution(ExecutionMode.SAME_THREAD)
class TopologyPageTest {
    private static final String TEXTS =
            "[...document.querySelectorAll('%s')].map(found => found.textContent).join('|')";

    private static Chromium browser;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        browser = Chromium.start(directory);
    }

    @AfterAll
    static void close() {
        browser.close();
    }

    @Test
    void aClickOnAnAmbassadorDrawsItsRelaysAndTargetsWithTheirOpenConnections() throws Exception {
        try (Scene scene = Scene.ofAShop()) {
            browser.open(scene.page());
            browser.await("document.querySelectorAll('#ambassadors button').length === 4");
            // Those that need a person come first.
            assertThat(texts("#ambassadors button span:first-child"))
                    .isEqualTo("billing/broker|shop/orders-db|billing/new|shop/cache");
            assertThat(texts("#states button")).isEqualTo("1 failing|1 working|1 unknown|1 ok");

            assertThat(texts("#timeline-title")).isEqualTo("Latest retargets");
            assertThat(texts("#timeline tr:first-child td"))
                    .isEqualTo(
                            "9 s ago|shop/orders-db|from 5432 -> pg-old:5432 to 5432 -> pg-a.eu.example.com:5432 +1|on its way");
            assertThat(texts("#timeline tr:nth-child(2) td:last-child")).isEqualTo("took 0.8 s");

            browser.click("[data-key='shop/orders-db']");

            browser.await("document.querySelectorAll('#detail [data-kind=node]').length === 7");
            assertThat(texts("#detail svg .node + text, #detail svg .node + text + text")
                            .split("\\|", -1))
                    .contains(
                            "consumers of Service",
                            "orders-db:5432",
                            "44 open, 12 s ago",
                            "pg-a.eu.example.com:5432",
                            "79 open, port 5432",
                            "pg-b.us.example.com:5432",
                            "0 open, port 5432",
                            // What a retarget left behind.
                            "earlier targets",
                            "20 open, port 5432");
            assertThat(texts("#detail .working title")).contains("STALE: serves revision 11ab40ce");
            assertThat(browser.value("document.querySelectorAll('#detail path:not(.idle)').length"))
                    .isEqualTo("7");
            // The ten that are remembered of this one.
            assertThat(texts("#timeline-title")).isEqualTo("Latest retargets of shop/orders-db");
            assertThat(browser.value("document.querySelectorAll('#timeline circle').length"))
                    .isEqualTo("10");
            assertThat(texts("#timeline tr:first-child td"))
                    .isEqualTo(
                            "9 s ago|revision 14 by kubectl-patch|from 5432 -> pg-old:5432 to 5432 -> pg-a.eu.example.com:5432|on its way");
            assertThat(texts("#timeline tr td:last-child"))
                    .startsWith("on its way|overtaken|took 0.7 s|")
                    .endsWith("|took 1.8 s");
            // The address leads here again.
            assertThat(browser.value("location.hash")).isEqualTo("#shop/orders-db");
            if (System.getProperty("topology.picture") != null) {
                Files.write(Path.of(System.getProperty("topology.picture")), browser.picture(1280, 800));
            }
            onlyThePageWasAsked(scene);
        }
    }

    @Test
    void theListIsFilteredByStateAndByWords() throws Exception {
        try (Scene scene = Scene.ofAShop()) {
            browser.open(scene.page());
            browser.await("document.querySelectorAll('#ambassadors button').length === 4");

            browser.click("#states [data-state=failing]");
            browser.await("document.querySelectorAll('#ambassadors button').length === 1");
            assertThat(texts("#ambassadors span:first-child")).isEqualTo("billing/broker");

            browser.click("#states [data-state=failing]");
            browser.click("#filter");
            browser.type("PG-A");
            browser.await("document.querySelectorAll('#ambassadors button').length === 1");
            assertThat(texts("#ambassadors span:first-child")).isEqualTo("shop/orders-db");
            onlyThePageWasAsked(scene);
        }
    }

    @Test
    void textsOfTenantsAreShownAndNeverRun() throws Exception {
        try (Scene scene = new Scene()) {
            String script = "<img src=x onerror=document.title='broken'><script>document.title='broken'</script>";
            scene.add(
                    "evil",
                    "evil",
                    "{alias: \"" + script + "\", listen: 80, targets: [{host: \"" + script + "\", port: 80}]}",
                    "gateway: {service: {name: \"" + script + "\"}}",
                    "- {type: Accepted, status: \"False\", reason: Refused, message: \"" + script + " \\u202e\\n\"}",
                    "{revision: r, from: \"" + script + "\", to: \"" + script + "\", startedAt: \"" + script + "\"}");
            scene.relay("evil", "evil", script, SyncState.ERROR, script, new RelayLoad(List.of()));
            browser.open(scene.page());
            browser.await("document.querySelectorAll('#ambassadors button').length === 1");

            browser.click("#ambassadors button");

            browser.await("document.querySelectorAll('#detail [data-kind=node]').length > 0");
            assertThat(texts("#detail dd")).contains(script).contains("\\u202e");
            assertThat(browser.value("document.querySelectorAll('img').length")).isEqualTo("0");
            assertThat(browser.value("document.scripts.length")).isEqualTo("1");
            assertThat(browser.value("document.title")).isEqualTo("Ambassador");
            onlyThePageWasAsked(scene);
        }
    }

    @Test
    void ofMoreThanAThousandTheFirstThousandAreListed() throws Exception {
        try (Scene scene = new Scene()) {
            for (int i = 0; i < 1005; i++) {
                scene.add(
                        "many",
                        "cache-" + i,
                        "{listen: 80, targets: [{host: web, port: 80}]}",
                        "gateway: {}",
                        Scene.HEALTHY,
                        null);
            }
            browser.open(scene.page());

            browser.await("document.querySelectorAll('#ambassadors button').length === 1000");
            assertThat(texts("#left-out")).isEqualTo("5 more are not listed.");
            browser.click("#filter");
            browser.type("cache-77");
            browser.await("document.querySelectorAll('#ambassadors button').length === 11");
            onlyThePageWasAsked(scene);
        }
    }

    @Test
    void anOperatorThatStandsBySaysWhoKnows() throws Exception {
        try (Scene scene = Scene.ofAShop()) {
            scene.leads = false;
            browser.open(scene.page());

            browser.await("!document.getElementById('notice').hidden");
            assertThat(texts("#notice")).startsWith("This operator stands by.");
        }
    }

    private static String texts(String selector) {
        return browser.value(TEXTS.formatted(selector));
    }

    private static void onlyThePageWasAsked(Scene scene) {
        assertThat(browser.asked().stream()
                        .filter(address ->
                                address.contains("127.0.0.1:" + scene.page().getPort())))
                .isNotEmpty();
        assertThat(browser.asked()).allMatch(address -> address.startsWith("http://127.0.0.1:"));
        assertThat(browser.complaints()).isEmpty();
    }
}
