package link.ambassador.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.RelayImage;
import link.ambassador.config.Target;
import link.ambassador.model.InjectionReason;
import link.ambassador.model.NamespaceConstraints;
import link.ambassador.model.PodSelector;
import link.ambassador.model.SidecarAmbassador;
import link.ambassador.model.TableOutcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class InjectionTest {
    /** {@code -Dgolden.update=true} writes them again; then read the diff. */
    @ParameterizedTest
    @MethodSource("link.ambassador.webhook.InjectionCase#all")
    void theDecisionAndThePodAreThoseOfTheFiles(InjectionCase injection) throws IOException {
        if (Boolean.getBoolean("golden.update")) {
            injection.update();
        }
        assertThat(injection.made()).isEqualTo(injection.expected());
    }

    @ParameterizedTest
    @MethodSource("link.ambassador.webhook.InjectionCase#all")
    void injectedTwiceIsInjectedOnce(InjectionCase injection) {
        assertThat(injection.injection(injection.injected()).patch()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("link.ambassador.webhook.InjectionCase#all")
    void theApiServerIsWarnedInSentencesThatItDoesNotCut(InjectionCase injection) {
        // https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response
        assertThat(injection.injection(injection.pod()).warnings())
                .allSatisfy(warning -> assertThat(warning).hasSizeLessThan(256).endsWith("."));
    }

    @Test
    void aMeshThatCameAfterTheRelayGoesBeforeIt() {
        InjectionCase plain = InjectionCase.named("init-containers");
        ObjectNode meshed = (ObjectNode) plain.injected();
        ArrayNode containers = (ArrayNode) meshed.path("spec").path("initContainers");
        containers.addObject().put("name", "istio-validation").put("image", "istio");
        containers
                .insertObject(0)
                .put("name", "istio-proxy")
                .put("image", "istio")
                .put("restartPolicy", "Always");

        Injection again = plain.injection(meshed);

        assertThat(names(InjectionCase.patched(meshed, again)))
                .containsExactly("istio-proxy", "migrate", "warm-up", "istio-validation", "ambassador-relay");
    }

    @Test
    void whatTheApiServerFillsInStays() {
        InjectionCase plain = InjectionCase.named("selected");
        ObjectNode pod = (ObjectNode) plain.injected();
        ObjectNode relay = (ObjectNode) pod.path("spec").path("initContainers").path(0);
        relay.put("imagePullPolicy", "Always")
                .put("terminationMessagePath", "/dev/termination-log")
                .put("image", "mirror.example.com/ambassador:test");
        ((ObjectNode) relay.path("resources").path("limits")).put("cpu", "300m");
        ((ObjectNode) pod.path("spec").path("volumes").path(0).path("downwardAPI")).put("defaultMode", 420);

        assertThat(plain.injection(pod).patch()).isEmpty();
    }

    @Test
    void theRelayIsPulledAsTheInstallationSaysBesideThePodsOwnSecrets() {
        InjectionCase plain = InjectionCase.named("selected");
        RelayImage image = new RelayImage("ambassador:test", Optional.of("Always"), List.of("registry", "mirror"));
        ObjectNode pod = (ObjectNode) plain.pod();
        ArrayNode own = ((ObjectNode) pod.path("spec")).putArray("imagePullSecrets");
        own.addObject().put("name", "theirs");
        own.addObject().put("name", "mirror");

        JsonNode injected = InjectionCase.patched(pod, plain.injection(pod, image));

        assertThat(injected.at("/spec/imagePullSecrets").findValuesAsText("name"))
                .containsExactly("theirs", "mirror", "registry");
        assertThat(injected.at("/spec/initContainers/0/imagePullPolicy").asText())
                .isEqualTo("Always");
        assertThat(injected.at("/spec/containers").findValuesAsText("imagePullPolicy"))
                .isEqualTo(pod.at("/spec/containers").findValuesAsText("imagePullPolicy"));
        assertThat(plain.injection(injected, image).patch()).isEmpty();
    }

    /** Whose image may write no file that could be waited for. */
    @Test
    void aRelayFromBeforeKeepsItsProbe() {
        InjectionCase plain = InjectionCase.named("selected");
        ObjectNode pod = (ObjectNode) plain.injected();
        ObjectNode relay = (ObjectNode) pod.path("spec").path("initContainers").path(0);
        relay.remove("lifecycle");
        relay.putObject("startupProbe")
                .putObject("httpGet")
                .put("path", "/startz")
                .put("port", 15990);

        assertThat(plain.injection(pod).patch()).isEmpty();
    }

    /** The kubelet kills a container whose hook fails: so would it a relay of an image that has nothing to wait with. */
    @Test
    void anImageWithoutTheWaitDelaysTheNextContainerByAMoment() throws Exception {
        JsonNode command = InjectionCase.named("selected")
                .injected()
                .path("spec")
                .path("initContainers")
                .path(0)
                .path("lifecycle")
                .path("postStart")
                .path("exec")
                .path("command");
        List<String> words = new ArrayList<>();
        command.forEach(word -> words.add(word.asText()));

        Process hook = new ProcessBuilder(words).redirectErrorStream(true).start();

        assertThat(hook.waitFor(1, TimeUnit.SECONDS)).isFalse();
        assertThat(hook.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(hook.exitValue()).isZero();
        assertThat(hook.getInputStream()).isEmpty();
    }

    @Test
    void aLimitThatIsFilledInBelowTheRequestLowersTheRequest() {
        InjectionCase plain = InjectionCase.named("selected");
        ObjectNode pod = (ObjectNode) plain.injected();
        JsonNode relay = pod.path("spec").path("initContainers").path(0);
        ((ObjectNode) relay.path("resources").path("limits")).put("cpu", "20m");

        JsonNode again = InjectionCase.patched(pod, plain.injection(pod));

        JsonNode resources = again.path("spec").path("initContainers").path(0).path("resources");
        assertThat(resources.path("requests").path("cpu").asText()).isEqualTo("20m");
        assertThat(resources.path("limits").path("cpu").asText()).isEqualTo("20m");
    }

    @Test
    void aSysctlIsKnownByEitherSpelling() {
        InjectionCase own = InjectionCase.named("own-port-start");
        ObjectNode pod = (ObjectNode) own.pod();
        JsonNode sysctl =
                pod.path("spec").path("securityContext").path("sysctls").path(0);
        ((ObjectNode) sysctl).put("name", "net/ipv4/ip_unprivileged_port_start");

        JsonNode injected = InjectionCase.patched(pod, own.injection(pod));

        assertThat(injected.path("spec").path("securityContext").path("sysctls"))
                .hasSize(1);
    }

    @Test
    void aTokenThatWasMountedIntoTheRelayGoes() {
        InjectionCase plain = InjectionCase.named("selected");
        ObjectNode pod = (ObjectNode) plain.injected();
        JsonNode mounts = pod.path("spec").path("initContainers").path(0).path("volumeMounts");
        ((ArrayNode) mounts).addObject().put("name", "kube-api-access-abcde").put("mountPath", "/elsewhere");

        assertThat(InjectionCase.patched(pod, plain.injection(pod))).isEqualTo(plain.injected());
    }

    @Test
    void anAliasOfALaterInvocationGetsAnAddressOfTheRelay() {
        ObjectNode pod = (ObjectNode) InjectionCase.named("own-loopback-entry").injected();
        ((ObjectNode) pod.path("metadata").path("annotations")).put("ambassador.link/aliases", "later");
        InjectionCase injection = InjectionCase.named("own-loopback-entry");

        JsonNode again = InjectionCase.patched(pod, injection.injection(pod));

        assertThat(again.path("spec").path("hostAliases").findValuesAsText("ip"))
                .containsExactly("127.0.0.1", "10.0.0.7", "127.0.0.2", "127.0.0.3");
        assertThat(PodJson.environment(again.path("spec").path("initContainers").path(0)))
                .containsEntry("AMBASSADOR_LISTEN_HOST", "127.0.0.1,::1,127.0.0.2,127.0.0.3")
                .containsEntry("AMBASSADOR_ALIASES", "redis,later");
    }

    @Test
    void aPodWhoseAnnotationsAreFullIsLeftAloneAndSaysWhy() {
        InjectionCase plain = InjectionCase.named("selected");
        ObjectNode pod = (ObjectNode) plain.pod();
        ObjectNode annotations = pod.withObjectProperty("metadata").putObject("annotations");
        annotations.put("note", "x".repeat(240 * 1024));

        assertThat(plain.injection(pod).reason()).isEqualTo(InjectionReason.ANNOTATIONS_FULL);
        JsonNode left = InjectionCase.patched(pod, plain.injection(pod));
        assertThat(left.path("spec")).isEqualTo(pod.path("spec"));
        assertThat(left.path("metadata").path("annotations").path("ambassador.link/injection-reason"))
                .hasToString("\"AnnotationsFull\"");
        annotations.put("note", "x".repeat(256 * 1024 - "note".length()));
        assertThat(plain.injection(pod).patch()).isEmpty();
    }

    @Test
    void linksThatDoNotFitBesideTheOtherAnnotationsAreLeftOut() {
        InjectionCase plain = InjectionCase.named("selected");
        ObjectNode pod = (ObjectNode) plain.pod();
        pod.withObjectProperty("metadata").putObject("annotations").put("note", "x".repeat(239 * 1024 + 600));

        Injection injection = plain.injection(pod);

        assertThat(injection.reason()).isEqualTo(InjectionReason.SELECTED);
        assertThat(injection.warnings())
                .singleElement()
                .asString()
                .contains("Port 6379")
                .contains("too large");
    }

    @Test
    void hundredsOfAmbassadorsThatAddNothingTakeFewSentences() {
        List<SidecarAmbassador> many = IntStream.range(0, 300)
                .mapToObj(number -> new SidecarAmbassador(
                        InjectionCase.NAMESPACE,
                        "x" + number,
                        "uid-" + number,
                        Instant.EPOCH.plusSeconds(number),
                        new PodSelector(Map.of("app", "web"), List.of()),
                        number % 2 == 0
                                ? new TableOutcome.Refused("A newer operator made this one.")
                                : new TableOutcome.Table(LinkTable.of(
                                        List.of(Link.of("redis", 6379, List.of(new Target("redis-a", 1))))))))
                .toList();

        List<String> warnings = Injection.of(
                        InjectionCase.named("selected").pod(),
                        new PodNamespace(InjectionCase.NAMESPACE, many, NamespaceConstraints.NONE, service -> Set.of()),
                        InjectionCase.RELAY_IMAGE)
                .warnings();

        assertThat(warnings)
                .hasSize(11)
                .contains(
                        "And 146 more of this kind.",
                        "And 27 more of this kind.",
                        "236 Ambassadors give the pod no links: 64 older ones select it.");
    }

    @Test
    void whoCopiesAPodWithoutItsLabelsIsToldThatItsRelayGetsNoLinks() {
        InjectionCase plain = InjectionCase.named("selected");
        ObjectNode copy = (ObjectNode) plain.injected();
        ((ObjectNode) copy.path("metadata")).put("name", "web-debug").remove("labels");

        Injection injection = plain.injection(copy);

        assertThat(injection.reason()).isEqualTo(InjectionReason.NOT_SELECTED);
        assertThat(injection.patch()).isEmpty();
        assertThat(injection.warnings())
                .singleElement()
                .asString()
                .hasSizeLessThanOrEqualTo(120)
                .contains("gets no links", "--keep-labels");
        assertThat(plain.injection(plain.injected()).warnings()).isEmpty();
    }

    private static List<String> names(JsonNode pod) {
        List<String> names = new ArrayList<>();
        pod.path("spec").path("initContainers").forEach(container -> names.add(PodJson.name(container)));
        return names;
    }
}
