package link.ambassador;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitCallTarget;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;

/** The import rules of the packages, and what an event loop must not do. */
@AnalyzeClasses(
        packages = {"link.ambassador", "io.netty.channel.epoll"},
        importOptions = {ImportOption.DoNotIncludeTests.class, ImportOption.DoNotIncludeJars.class})
final class ArchitectureTest {
    private static final String API = "link.ambassador.api..";
    private static final String CONFIG = "link.ambassador.config..";
    private static final String LOG = "link.ambassador.log..";
    private static final String RELAY = "link.ambassador.relay..";
    private static final String MODEL = "link.ambassador.model..";
    private static final String INFORMER = "link.ambassador.informer..";
    private static final String OPERATOR = "link.ambassador.operator..";
    private static final String WEBHOOK = "link.ambassador.webhook..";
    private static final String OURS = "link.ambassador..";

    @ArchTest
    static final ArchRule apiDependsOnNothingOfOurs = dependsOnlyOn(API);

    @ArchTest
    static final ArchRule configDependsOnTheApiOnly = dependsOnlyOn(CONFIG, API);

    @ArchTest
    static final ArchRule logDependsOnNothingOfOurs = dependsOnlyOn(LOG);

    @ArchTest
    static final ArchRule relayDependsOnConfigAndLog = dependsOnlyOn(RELAY, CONFIG, LOG);

    @ArchTest
    static final ArchRule modelDependsOnConfigAndApi = dependsOnlyOn(MODEL, CONFIG, API);

    @ArchTest
    static final ArchRule informerDependsOnConfigOnly = dependsOnlyOn(INFORMER, CONFIG);

    @ArchTest
    static final ArchRule operatorDependsOnInformerModelConfigLogAndApi =
            dependsOnlyOn(OPERATOR, INFORMER, MODEL, CONFIG, LOG, API);

    @ArchTest
    static final ArchRule webhookDependsOnInformerModelConfigAndApi =
            dependsOnlyOn(WEBHOOK, INFORMER, MODEL, CONFIG, API);

    @ArchTest
    static final ArchRule importsOfTheRelayGoDown = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("process")
            .definedBy("link.ambassador.relay")
            .layer("admin")
            .definedBy("link.ambassador.relay.admin")
            .layer("table")
            .definedBy("link.ambassador.relay.table")
            .layer("proxy")
            .definedBy("link.ambassador.relay.proxy")
            .layer("probe")
            .definedBy("link.ambassador.relay.probe")
            .layer("dial")
            .definedBy("link.ambassador.relay.dial")
            .layer("dns")
            .definedBy("link.ambassador.relay.dns")
            .layer("join")
            .definedBy("link.ambassador.relay.join")
            .layer("tls")
            .definedBy("link.ambassador.relay.tls")
            .layer("proxyprotocol")
            .definedBy("link.ambassador.relay.proxyprotocol")
            .whereLayer("admin")
            .mayOnlyBeAccessedByLayers("process")
            .whereLayer("table")
            .mayOnlyBeAccessedByLayers("process")
            .whereLayer("proxy")
            .mayOnlyBeAccessedByLayers("process", "admin")
            .whereLayer("process")
            .mayOnlyBeAccessedByLayers("admin", "table")
            .whereLayer("probe")
            .mayOnlyBeAccessedByLayers("process", "admin", "proxy")
            .whereLayer("dial")
            .mayOnlyBeAccessedByLayers("process", "admin", "proxy", "probe")
            .whereLayer("dns")
            .mayOnlyBeAccessedByLayers("process", "proxy", "dial")
            .whereLayer("tls")
            .mayOnlyBeAccessedByLayers("process", "admin", "proxy")
            .whereLayer("proxyprotocol")
            .mayOnlyBeAccessedByLayers("process", "proxy")
            .whereLayer("join")
            .mayOnlyBeAccessedByLayers("process", "admin", "proxy", "probe", "tls", "proxyprotocol");

    @ArchTest
    static final ArchRule importsOfTheOperatorGoDown = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("process")
            .definedBy("link.ambassador.operator")
            .layer("gateway")
            .definedBy("link.ambassador.operator.gateway")
            .layer("sidecar")
            .definedBy("link.ambassador.operator.sidecar")
            .layer("history")
            .definedBy("link.ambassador.operator.history")
            .layer("status")
            .definedBy("link.ambassador.operator.status")
            .layer("delivery")
            .definedBy("link.ambassador.operator.delivery")
            .layer("topology")
            .definedBy("link.ambassador.operator.topology")
            .whereLayer("topology")
            .mayOnlyBeAccessedByLayers("process")
            .whereLayer("process")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("gateway")
            .mayOnlyBeAccessedByLayers("process", "topology")
            .whereLayer("sidecar")
            .mayOnlyBeAccessedByLayers("process")
            .whereLayer("history")
            .mayOnlyBeAccessedByLayers("process", "topology")
            .whereLayer("status")
            .mayOnlyBeAccessedByLayers("process", "gateway", "sidecar", "history", "topology");

    @ArchTest
    static final ArchRule onlyMainSeesBothHalves = noClasses()
            .that(resideInAPackage("link.ambassador").and(not(belongToAnyOf(Main.class))))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(RELAY, OPERATOR, WEBHOOK);

    @ArchTest
    static final ArchRule whatARelayLoadsHasNoKubernetesAndNoQuarkus = noClasses()
            .that()
            .resideInAnyPackage(RELAY, CONFIG, LOG, "io.netty.channel.epoll")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.quarkus..", "io.quarkiverse..", "io.fabric8..", "io.javaoperatorsdk..");

    @ArchTest
    static final ArchRule whatARelayLoadsHasNoDatabind = noClasses()
            .that()
            .resideInAnyPackage(RELAY, CONFIG, LOG)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.fasterxml.jackson.databind..");

    @ArchTest
    static final ArchRule relayWritesToStandardStreamsInOnePlaceOnly = noClasses()
            .that(resideInAPackage(RELAY).and(not(nameMatching(".*\\.(RelayProcess|ConsoleLog)(\\$.*)?"))))
            .should()
            .accessFieldWhere(DescribedPredicate.describe(
                    "it is a standard stream", access -> access.getTargetOwner().isEquivalentTo(System.class)));

    @ArchTest
    static final ArchRule nothingSleeps = noClasses()
            .that()
            .resideInAPackage(OURS)
            .should()
            .callMethodWhere(calls("Thread.sleep", assignableTo(Thread.class), "sleep"));

    @ArchTest
    static final ArchRule eventLoopsWaitForNoFuture = noClasses()
            .that()
            .resideInAnyPackage(
                    "link.ambassador.relay.join..",
                    "link.ambassador.relay.dial..",
                    "link.ambassador.relay.probe..",
                    "link.ambassador.relay.dns..",
                    "link.ambassador.relay.tls..")
            .should()
            .callMethodWhere(calls(
                    "waits for a future",
                    assignableTo(Future.class)
                            .or(assignableTo(CompletionStage.class))
                            .or(assignableTo(io.vertx.core.Future.class)),
                    "get|join|await|awaitUninterruptibly|sync|syncUninterruptibly"));

    /** Else nobody hears of what a timer's task throws, and its pair or dial hangs. */
    @ArchTest
    static final ArchRule timersOfPairsAndDialsDealWithErrors = noClasses()
            .that(resideInAnyPackage("link.ambassador.relay.join..", "link.ambassador.relay.dial..")
                    .and(not(nameMatching(".*\\.(ProxiedConnection|Drain|Turns|ListeningSocket|Dial|HappyEyeballs)"))))
            .should()
            .callMethodWhere(
                    calls("sets a timer of its own", assignableTo(ScheduledExecutorService.class), "schedule.*"));

    private static ArchRule dependsOnlyOn(String own, String... allowed) {
        return classes()
                .that()
                .resideInAPackage(own)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(allowed)
                        .or(resideInAPackage(own))
                        .or(not(resideInAPackage(OURS)))
                        .as("reside in their own package or in " + String.join(", ", allowed) + ", of ours"))
                .allowEmptyShould(true);
    }

    private static DescribedPredicate<JavaCall<?>> calls(
            String words, DescribedPredicate<? super JavaClass> owner, String methods) {
        return DescribedPredicate.describe(words, call -> {
            CodeUnitCallTarget target = call.getTarget();
            return target.getName().matches(methods) && owner.test(target.getOwner());
        });
    }
}
