package link.ambassador.model;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Quantities of Kubernetes (https://pkg.go.dev/k8s.io/apimachinery/pkg/api/resource#Quantity) in the sizes that a cluster can have: an
 * exponent has at most two digits. To calculate with {@code 1e1000000} takes seconds, and a megabyte of text.
 */
public final class QuantitySyntax {
    private static final Pattern QUANTITY = Pattern.compile("[+-]?([0-9]{1,32}(\\.[0-9]{0,32})?|\\.[0-9]{1,32})"
            + "([eE][+-]?[0-9]{1,2}|n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?");

    private QuantitySyntax() {}

    /** The amount; empty when {@code text} is not a quantity, or is too long or too large to calculate with. */
    public static Optional<BigDecimal> amount(String text) {
        return QUANTITY.matcher(text).matches()
                ? Optional.of(Quantity.parse(text).getNumericalAmount())
                : Optional.empty();
    }

    /** The amount of a quantity that a client has read. */
    public static Optional<BigDecimal> amount(Quantity quantity) {
        return amount(quantity.toString());
    }
}
