package link.ambassador.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.255.255, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "192.168.1.128/25, 192.168.1.128, true",
        "192.168.1.128/25, 192.168.1.127, false",
        "10.1.2.3/32, 10.1.2.3, true",
        "10.1.2.3/32, 10.1.2.2, false",
        "0.0.0.0/0, 255.255.255.255, true",
        "0.0.0.0/0, ::1, false",
        "2001:db8::/33, 2001:db8:7fff::1, true",
        "2001:db8::/33, 2001:db8:8000::1, false",
        "::/0, 2001:db8::1, true",
        "::1/128, ::1, true"
    })
    void aBlockHasTheAddressesWithItsPrefix(String block, String address, boolean contained) throws Exception {
        assertThat(Cidr.parse(block).orElseThrow().contains(InetAddress.getByName(address)))
                .isEqualTo(contained);
    }

    @Test
    void anAddressThatIsMappedIntoIPv6IsAnIPv4Address() throws UnknownHostException {
        byte[] mapped = new byte[16];
        mapped[10] = (byte) 0xff;
        mapped[11] = (byte) 0xff;
        mapped[12] = 10;
        InetAddress address = Inet6Address.getByAddress(null, mapped, -1);

        assertThat(address.getAddress()).hasSize(16);
        assertThat(Cidr.parse("10.0.0.0/8").orElseThrow().contains(address)).isTrue();
        assertThat(Cidr.parse("::/0").orElseThrow().contains(address)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "10.0.0.0",
                "10.0.0.0/",
                "10.0.0.0/33",
                "10.0.0.0/08",
                "10.0.0.0/-1",
                "10.0.0/8",
                "010.0.0.0/8",
                "10.1.2.3/8",
                "::1/127",
                "::/129",
                "::ffff:10.0.0.0/24",
                "::ffff:10.0.0.0/120",
                "fe80::1%eth0/64",
                "example.com/8",
                "[::]/0",
                "10.0.0.0/8 "
            })
    void anythingElseIsNoBlock(String text) {
        assertThat(Cidr.parse(text)).isEmpty();
    }
}
