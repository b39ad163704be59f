package link.ambassador.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodSelectorTest {
    private static final Map<String, String> WEB = Map.of("app", "web", "tier", "front");

    @Test
    void everyLabelMustMatch() {
        assertThat(matches(new LabelSelectorBuilder()
                        .addToMatchLabels(Map.of("app", "web", "tier", "front"))
                        .build()))
                .isTrue();
        assertThat(matches(new LabelSelectorBuilder()
                        .addToMatchLabels(Map.of("app", "web", "tier", "back"))
                        .build()))
                .isFalse();
    }

    @Test
    void emptyMatchesNothing() {
        assertThat(matches(new LabelSelector())).isFalse();
        assertThat(matches(null)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "app, In, web, true",
        "app, In, api, false",
        "zone, In, a, false",
        "app, NotIn, api, true",
        "app, NotIn, web, false",
        "zone, NotIn, a, true",
        "app, Exists, , true",
        "zone, Exists, , false",
        "zone, DoesNotExist, , true",
        "app, DoesNotExist, , false",
        "app, NearlyIn, web, false"
    })
    void anExpressionHoldsAsInKubernetes(String key, String operator, String value, boolean holds) {
        LabelSelector selector = new LabelSelectorBuilder()
                .addNewMatchExpression()
                .withKey(key)
                .withOperator(operator)
                .withValues(value == null ? new String[0] : new String[] {value})
                .endMatchExpression()
                .build();
        assertThat(matches(selector)).isEqualTo(holds);
    }

    private static boolean matches(LabelSelector selector) {
        return PodSelector.of(selector).matches(WEB);
    }
}
