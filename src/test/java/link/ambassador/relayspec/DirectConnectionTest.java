package link.ambassador.relayspec;

/** The suite expects nothing that a plain connection does not do. */
final class DirectConnectionTest extends RelayspecContract {

    @Override
    protected RelayUnderTest relay() {
        return new DirectConnection();
    }
}
