package link.ambassador;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

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

/** The import rules of the rooms, and what an event loop must not do. */
@AnalyzeClasses(
        packages = {"link.ambassador", "io.netty.channel.epoll"},
        importOptions = {ImportOption.DoNotIncludeTests.class, ImportOption.DoNotIncludeJars.class})
final class ArchitectureTest {
    private static final String API = "link.ambassador.api..";
    private static final String LINK = "link.ambassador.link..";
    private static final String LOG = "link.ambassador.log..";
    private static final String RELAY = "link.ambassador.relay..";
    private static final String TABLES = "link.ambassador.tables..";
    private static final String OPERATOR = "link.ambassador.operator..";
    private static final String WEBHOOK = "link.ambassador.webhook..";
    private static final String OURS = "link.ambassador..";

    @ArchTest
    static final ArchRule apiDependsOnNothingOfOurs = dependsOnlyOn(API);

    @ArchTest
    static final ArchRule linkDependsOnTheApiOnly = dependsOnlyOn(LINK, API);

    @ArchTest
    static final ArchRule logDependsOnNothingOfOurs = dependsOnlyOn(LOG);

    @ArchTest
    static final ArchRule relayDependsOnLinkAndLog = dependsOnlyOn(RELAY, LINK, LOG);

    @ArchTest
    static final ArchRule tablesDependOnLinkAndApi = dependsOnlyOn(TABLES, LINK, API);

    @ArchTest
    static final ArchRule operatorDependsOnTablesLinkLogAndApi = dependsOnlyOn(OPERATOR, TABLES, LINK, LOG, API);

    @ArchTest
    static final ArchRule webhookDependsOnTablesLinkAndApi = dependsOnlyOn(WEBHOOK, TABLES, LINK, API);

    @ArchTest
    static final ArchRule onlyMainSeesBothHalves = noClasses()
            .that(resideInAPackage("link.ambassador").and(not(belongToAnyOf(Main.class))))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(RELAY, OPERATOR, WEBHOOK);

    @ArchTest
    static final ArchRule whatARelayLoadsHasNoKubernetesAndNoQuarkus = noClasses()
            .that()
            .resideInAnyPackage(RELAY, LINK, LOG, "io.netty.channel.epoll")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.quarkus..", "io.quarkiverse..", "io.fabric8..", "io.javaoperatorsdk..");

    @ArchTest
    static final ArchRule whatARelayLoadsHasNoDatabind = noClasses()
            .that()
            .resideInAnyPackage(RELAY, LINK, LOG)
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
                    "link.ambassador.relay.join..", "link.ambassador.relay.dial..", "link.ambassador.relay.names..")
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
                    .and(not(nameMatching(".*\\.(Join|Drain|Turns|ListeningSocket|TargetAttempt)"))))
            .should()
            .callMethodWhere(
                    calls("sets a timer of its own", assignableTo(ScheduledExecutorService.class), "schedule.*"));

    private static ArchRule dependsOnlyOn(String room, String... allowed) {
        return classes()
                .that()
                .resideInAPackage(room)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(allowed)
                        .or(resideInAPackage(room))
                        .or(not(resideInAPackage(OURS)))
                        .as("reside in their own room or in " + String.join(", ", allowed) + ", of ours"))
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
