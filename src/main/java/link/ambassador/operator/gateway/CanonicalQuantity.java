package link.ambassador.operator.gateway;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.Optional;
import link.ambassador.model.QuantitySyntax;

/**
 * The quantities of a container's resources as the API server writes them: rounded up to thousandths, no fraction, the
 * largest suffix that allows it (https://pkg.go.dev/k8s.io/apimachinery/pkg/api/resource#Quantity).
 */
final class CanonicalQuantity {
    private static final List<String> DECIMAL = List.of("m", "", "k", "M", "G", "T", "P", "E");
    private static final List<String> BINARY = List.of("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei");
    private static final BigInteger KIBI = BigInteger.valueOf(1024);
    private static final int SMALLEST_EXPONENT = -3;
    private static final int LARGEST_EXPONENT = 18;

    private CanonicalQuantity() {}

    /** {@code quantity} in canonical form; as it is when it is none, for the API server to say what is wrong. */
    static Quantity of(Quantity quantity) {
        Optional<BigDecimal> amount = QuantitySyntax.amount(quantity);
        if (amount.isEmpty()) {
            return quantity;
        }
        BigDecimal value = amount.get();
        String format = quantity.getFormat() == null ? "" : quantity.getFormat();
        if (format.endsWith("i") && value.abs().compareTo(new BigDecimal(KIBI)) >= 0) {
            return binary(value);
        }
        return decimal(value, format.matches("[eE].+") ? format.substring(0, 1) : "");
    }

    private static Quantity binary(BigDecimal value) {
        BigInteger number = value.setScale(0, RoundingMode.UP).toBigIntegerExact();
        int power = 0;
        while (power < BINARY.size() - 1 && number.mod(KIBI).signum() == 0) {
            number = number.divide(KIBI);
            power++;
        }
        return new Quantity(number.toString(), BINARY.get(power));
    }

    private static Quantity decimal(BigDecimal value, String exponentSign) {
        BigDecimal rounded = value.setScale(-SMALLEST_EXPONENT, RoundingMode.UP).stripTrailingZeros();
        int exponent = Math.min(Math.floorDiv(-rounded.scale(), 3) * 3, LARGEST_EXPONENT);
        if (rounded.signum() == 0) {
            exponent = 0;
        }
        String number = rounded.scaleByPowerOfTen(-exponent).toBigIntegerExact().toString();
        if (!exponentSign.isEmpty()) {
            return new Quantity(number, exponent == 0 ? "" : exponentSign + exponent);
        }
        return new Quantity(number, DECIMAL.get((exponent - SMALLEST_EXPONENT) / 3));
    }
}
