package link.ambassador.image;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The artifact has the native library for each architecture that {@code Dockerfile.jvm} names. */
class ArchitecturesTest {
    @ParameterizedTest
    @ValueSource(strings = {"x86_64", "aarch_64"})
    void theRelayHasItsNativeTransport(String architecture) {
        assertThat(getClass().getResource("/META-INF/native/libnetty_transport_native_epoll_" + architecture + ".so"))
                .isNotNull();
    }
}
