package link.ambassador.model;

/** The first thing in a spec that cannot become a table, in a sentence. */
final class SpecRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    SpecRefusal(String place, String found, String wanted) {
        super(place + " is " + found + ": it must be " + wanted + ".");
    }

    SpecRefusal(String place, IllegalArgumentException cause) {
        super(place + ": " + cause.getMessage() + ".", cause);
    }
}
