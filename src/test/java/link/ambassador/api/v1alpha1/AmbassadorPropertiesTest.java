package link.ambassador.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class AmbassadorPropertiesTest {
    private static final double SOMETIMES = 0.3;
    private static final ObjectMapper JSON = new ObjectMapper();

    @Property(tries = 300)
    void aSpecIsReadBackAsItWasWritten(@ForAll("specs") AmbassadorSpec spec) throws JsonProcessingException {
        assertThat(JSON.readValue(JSON.writeValueAsString(spec), AmbassadorSpec.class))
                .isEqualTo(spec);
    }

    @Property(tries = 300)
    void whatIsLeftOutIsNotWritten(@ForAll("specs") AmbassadorSpec spec) throws JsonProcessingException {
        assertThat(JSON.writeValueAsString(spec)).doesNotContain("null");
    }

    @Provide
    Arbitrary<AmbassadorSpec> specs() {
        Arbitrary<String> word = Arbitraries.strings().alpha().numeric().ofMaxLength(20);
        Arbitrary<String> some = word.injectNull(SOMETIMES);
        Arbitrary<PreflightSpec> preflight =
                Combinators.combine(some, some, some).as(PreflightSpec::new);
        Arbitrary<RetargetSpec> retarget = Combinators.combine(some, some, preflight.injectNull(SOMETIMES))
                .as((policy, drainTimeout, first) -> new RetargetSpec(policy, drainTimeout, first, null));
        return Combinators.combine(
                        links(word).list().ofMaxSize(16),
                        retarget.injectNull(SOMETIMES),
                        holds(word).injectNull(SOMETIMES),
                        placements(word).injectNull(SOMETIMES))
                .as(AmbassadorSpec::new);
    }

    private static Arbitrary<LinkSpec> links(Arbitrary<String> word) {
        Arbitrary<Integer> number = Arbitraries.integers();
        Arbitrary<TargetSpec> target =
                Combinators.combine(word, number, number.injectNull(SOMETIMES)).as(TargetSpec::new);
        Arbitrary<String> some = word.injectNull(SOMETIMES);
        Arbitrary<WhenUnavailableSpec> unavailable =
                Combinators.combine(some, some).as(WhenUnavailableSpec::new);
        Arbitrary<Others> others = Combinators.combine(
                        unavailable.injectNull(SOMETIMES),
                        upstreamTls(word).injectNull(SOMETIMES),
                        downstreamTls(word).injectNull(SOMETIMES),
                        healthChecks(word).injectNull(SOMETIMES),
                        Combinators.combine(some, some, some, some)
                                .as(FailoverSpec::new)
                                .injectNull(SOMETIMES),
                        Combinators.combine(some, word.list().ofMaxSize(2).injectNull(SOMETIMES))
                                .as(UpstreamProxyProtocolSpec::new)
                                .injectNull(SOMETIMES),
                        word.list()
                                .ofMaxSize(4)
                                .map(DownstreamProxyProtocolSpec::new)
                                .injectNull(SOMETIMES))
                .as(Others::new);
        return Combinators.combine(
                        some,
                        number,
                        target.list().ofMaxSize(4),
                        some,
                        some,
                        some,
                        number.injectNull(SOMETIMES),
                        others)
                .as((alias, listen, targets, connect, idle, halfClose, most, last) -> new LinkSpec(
                        alias,
                        listen,
                        "TCP",
                        targets,
                        connect,
                        idle,
                        halfClose,
                        most,
                        last.unavailable(),
                        last.up(),
                        last.down(),
                        last.check(),
                        last.failover(),
                        last.proxyOut(),
                        last.proxyIn()));
    }

    private record Others(
            WhenUnavailableSpec unavailable,
            UpstreamTlsSpec up,
            DownstreamTlsSpec down,
            HealthCheckSpec check,
            FailoverSpec failover,
            UpstreamProxyProtocolSpec proxyOut,
            DownstreamProxyProtocolSpec proxyIn) {}

    private static Arbitrary<HealthCheckSpec> healthChecks(Arbitrary<String> word) {
        Arbitrary<Integer> number = Arbitraries.integers().injectNull(SOMETIMES);
        Arbitrary<String> some = word.injectNull(SOMETIMES);
        Arbitrary<HttpCheckSpec> http = Combinators.combine(
                        word, Arbitraries.integers().list().ofMaxSize(4).injectNull(SOMETIMES))
                .as(HttpCheckSpec::new);
        Arbitrary<ExchangeStepSpec> step = Combinators.combine(some, word).as(ExchangeStepSpec::new);
        Arbitrary<CredentialRef> credential = Combinators.combine(word, word).as(CredentialRef::new);
        Arbitrary<ExchangeCheckSpec> exchange = Combinators.combine(
                        step.list().ofMaxSize(4), credential.injectNull(SOMETIMES))
                .as(ExchangeCheckSpec::new);
        return Combinators.combine(
                        word,
                        number,
                        http.injectNull(SOMETIMES),
                        exchange.injectNull(SOMETIMES),
                        some,
                        some,
                        some,
                        number)
                .as((type, port, ofHttp, ofExchange, probe, interval, timeout, threshold) -> new HealthCheckSpec(
                        type, port, ofHttp, ofExchange, probe, interval, timeout, threshold, threshold));
    }

    private static Arbitrary<UpstreamTlsSpec> upstreamTls(Arbitrary<String> word) {
        Arbitrary<String> some = word.injectNull(SOMETIMES);
        Arbitrary<UpstreamValidation> validation = Combinators.combine(
                        refs(word).injectNull(SOMETIMES),
                        some,
                        some,
                        names(word).injectNull(SOMETIMES))
                .as(UpstreamValidation::new);
        return Combinators.combine(
                        word,
                        validation.injectNull(SOMETIMES),
                        word.map(CertificateRef::new).injectNull(SOMETIMES),
                        some,
                        some)
                .as(UpstreamTlsSpec::new);
    }

    private static Arbitrary<DownstreamTlsSpec> downstreamTls(Arbitrary<String> word) {
        Arbitrary<ClientValidation> validation = Combinators.combine(
                        refs(word), names(word).injectNull(SOMETIMES))
                .as(ClientValidation::new);
        return Combinators.combine(
                        word.map(CertificateRef::new), validation.injectNull(SOMETIMES), word.injectNull(SOMETIMES))
                .as(DownstreamTlsSpec::new);
    }

    private static Arbitrary<List<CaCertificateRef>> refs(Arbitrary<String> word) {
        return word.map(name -> new CaCertificateRef("", "ConfigMap", name))
                .list()
                .ofMaxSize(4);
    }

    private static Arbitrary<List<SubjectAltNameSpec>> names(Arbitrary<String> word) {
        return word.map(name -> new SubjectAltNameSpec("Hostname", name, null))
                .list()
                .ofMaxSize(4);
    }

    private static Arbitrary<HoldSpec> holds(Arbitrary<String> word) {
        Arbitrary<Integer> number = Arbitraries.integers();
        Arbitrary<String> some = word.injectNull(SOMETIMES);
        return Combinators.combine(
                        number.list().ofMaxSize(4).injectNull(SOMETIMES),
                        word,
                        some,
                        some,
                        some,
                        number.injectNull(SOMETIMES))
                .as(HoldSpec::new);
    }

    private static Arbitrary<PlacementSpec> placements(Arbitrary<String> word) {
        Arbitrary<ResourceRequirements> resources = Arbitraries.of("50m", "1", "64Mi")
                .map(amount -> new ResourceRequirementsBuilder()
                        .withRequests(Map.of("cpu", new Quantity(amount)))
                        .build());
        Arbitrary<GatewayService> service =
                word.injectNull(SOMETIMES).map(name -> new GatewayService(name, "NodePort", null, Map.of("team", "a")));
        Arbitrary<GatewayPlacement> gateway = Combinators.combine(
                        Arbitraries.integers().injectNull(SOMETIMES),
                        resources.injectNull(SOMETIMES),
                        service.injectNull(SOMETIMES))
                .as(GatewayPlacement::new);
        Arbitrary<LabelSelector> selector = word.map(value -> new LabelSelectorBuilder()
                .addToMatchLabels("app", value)
                .addToMatchExpressions(new LabelSelectorRequirement("tier", "In", List.of(value)))
                .build());
        return Combinators.combine(
                        gateway.injectNull(SOMETIMES),
                        selector.map(SidecarPlacement::new).injectNull(SOMETIMES))
                .as(PlacementSpec::new);
    }
}
