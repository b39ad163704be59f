package link.ambassador.model;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Quantities of Kubernetes (https://pkg.go.dev/k8s.io/apimachinery/pkg/api/resource#Quantity), as far as a cluster can have
 * them: an exponent has two digits at most. To reckon with {@code 1e1000000} takes seconds, and a text of a megabyte.
 */
public final class QuantitySyntax {
    private static final Pattern QUANTITY = Pattern.compile("[+-]?([0-9]{1,32}(\\.[0-9]{0,32})?|\\.[0-9]{1,32})"
            + "([eE][+-]?[0-9]{1,2}|n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?");

    private QuantitySyntax() {}

    /** Its amount; empty for what is no quantity, or is too long or too large to be reckoned with. */
    public static Optional<BigDecimal> amount(String text) {
        return QUANTITY.matcher(text).matches()
                ? Optional.of(Quantity.parse(text).getNumericalAmount())
                : Optional.empty();
    }

    /** The same of one that a client has read. */
    public static Optional<BigDecimal> amount(Quantity quantity) {
        return amount(quantity.toString());
    }
}
