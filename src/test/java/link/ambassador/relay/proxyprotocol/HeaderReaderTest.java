package link.ambassador.relay.proxyprotocol;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderReaderTest {
    private static final byte[] SIGNATURE = Headers.bytes("0D0A0D0A000D0A515549540A");

    @Test
    void aLineTellsTheConsumer() throws Exception {
        assertThat(Headers.read("PROXY TCP4 192.168.0.1 10.1.0.11 56324 443\r\n".getBytes(US_ASCII)))
                .contains(new Consumer(
                        new InetSocketAddress("192.168.0.1", 56324),
                        new InetSocketAddress("10.1.0.11", 443),
                        Map.of()));
        assertThat(Headers.read("PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n".getBytes(US_ASCII)))
                .contains(new Consumer(
                        new InetSocketAddress("2001:db8::1", 1),
                        new InetSocketAddress("2001:db8::2", 65535),
                        Map.of()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PROXY UNKNOWN\r\n",
                "PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n",
                "PROXY UNKNOWN \r and more\r\n"
            })
    void aLineWithoutAConsumerIsSkipped(String line) throws Exception {
        assertThat(Headers.read(line.getBytes(US_ASCII))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n",
                "P\r\n",
                "PROXY TCP4 1.2.3.4\r\n",
                "PROXY UNKNOWNS\r\n",
                "PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r\n",
                "PROXY TCP4 1.2.3.4 5.6.7.8 01 2\r\n",
                "PROXY TCP4 1.2.3.04 5.6.7.8 1 2\r\n",
                "PROXY TCP4 ::1 ::2 1 2\r\n",
                "PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n",
                "PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n",
                "PROXY TCP5 1.2.3.4 5.6.7.8 1 2\r\n",
                "PROXY TCP4  1.2.3.4 5.6.7.8 1 2\r\n",
                "PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3\r\n",
                "PROXY TCP4 1.2.3.4 5.6.7.8 -1 2\r\n",
                "proxy TCP4 1.2.3.4 5.6.7.8 1 2\r\n"
            })
    void anotherLineIsNoHeader(String line) {
        assertThatThrownBy(() -> Headers.read(line.getBytes(US_ASCII))).isInstanceOf(BadHeaderException.class);
    }

    @Test
    void aLineOfMoreThan107BytesIsNoHeader() throws Exception {
        String longest = "PROXY UNKNOWN " + "x".repeat(107 - 16) + "\r\n";

        assertThat(longest).hasSize(107);
        assertThat(Headers.read(longest.getBytes(US_ASCII))).isEmpty();
        assertThatThrownBy(() -> Headers.read(("PROXY UNKNOWN " + "x".repeat(108 - 16) + "\r\n").getBytes(US_ASCII)))
                .hasMessageContaining("more than 107 bytes");
    }

    @Test
    void aBinaryHeaderTellsTheConsumerAndWhatTheRelayKnows() throws Exception {
        Optional<Consumer> told = Headers.read(Headers.join(
                SIGNATURE,
                Headers.bytes("2111" + "0024"),
                Headers.bytes("C0A80001" + "0A01000B" + "DC04" + "01BB"),
                Headers.bytes("EE0003AABBCC"),
                Headers.bytes("050004" + "61626364"),
                Headers.bytes("020008"),
                "pg.local".getBytes(US_ASCII)));

        assertThat(told.orElseThrow().source()).isEqualTo(new InetSocketAddress("192.168.0.1", 56324));
        assertThat(told.orElseThrow().destination()).isEqualTo(new InetSocketAddress("10.1.0.11", 443));
        assertThat(told.orElseThrow().tlvs()).containsOnlyKeys(TlvType.UNIQUE_ID, TlvType.AUTHORITY);
        assertThat(told.orElseThrow().tlvs().get(TlvType.AUTHORITY)).isEqualTo("pg.local".getBytes(US_ASCII));
    }

    @ParameterizedTest
    @CsvSource({"2000,0000,''", "20FF,0003,010203", "2100,0002,0102", "2112,0000,''", "2131,0001,00", "2120,0000,''"})
    void aBinaryHeaderOfNobodyOrOfNoTcpIsSkipped(String command, String length, String payload) throws Exception {
        assertThat(Headers.read(Headers.join(SIGNATURE, Headers.bytes(command + length + payload))))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "1111,000C,C0A800010A01000BDC0401BB,does not exist",
        "2211,000C,C0A800010A01000BDC0401BB,does not exist",
        "2141,000C,C0A800010A01000BDC0401BB,does not exist",
        "2113,000C,C0A800010A01000BDC0401BB,does not exist",
        "2111,000B,C0A800010A01000BDC0401,shorter than its addresses",
        "2121,000C,C0A800010A01000BDC0401BB,shorter than its addresses",
        "2111,000E,C0A800010A01000BDC0401BB0100,inside a TLV",
        "2111,0010,C0A800010A01000BDC0401BB01000201,inside a TLV",
        "2111,0013,C0A800010A01000BDC0401BB03000400000000,wrong checksum",
        "2111,0010,C0A800010A01000BDC0401BB03000100,wrong checksum"
    })
    void aBinaryHeaderThatIsWrongIsRefused(String command, String length, String payload, String sentence) {
        assertThatThrownBy(() -> Headers.read(Headers.join(SIGNATURE, Headers.bytes(command + length + payload))))
                .isInstanceOf(BadHeaderException.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void aChecksumThatIsRightIsAccepted() throws Exception {
        byte[] header = Headers.join(SIGNATURE, Headers.bytes("21110013C0A800010A01000BDC0401BB03000400000000"));
        CRC32C checksum = new CRC32C();
        checksum.update(header);
        ByteBuffer.wrap(header).putInt(header.length - 4, (int) checksum.getValue());

        assertThat(Headers.read(header)).isPresent();
    }

    @Test
    void aBinaryHeaderOfMoreThan536BytesIsRefusedBeforeItIsRead() throws Exception {
        byte[] most = Headers.join(SIGNATURE, Headers.bytes("2000" + "0208"), new byte[520]);

        assertThat(Headers.read(most)).isEmpty();
        assertThatThrownBy(() -> Headers.read(Headers.join(SIGNATURE, Headers.bytes("2000" + "0209"))))
                .hasMessageContaining("537 bytes: it may have 536");
    }

    @Test
    void whatIsNoHeaderIsRefusedAtItsFirstWrongByte() {
        assertThatThrownBy(() -> Headers.read("PING".getBytes(US_ASCII))).hasMessageContaining("did not begin with");
        assertThatThrownBy(() -> Headers.read(new byte[] {0x16})).hasMessageContaining("did not begin with");
    }

    @Test
    void aWrittenHeaderLeavesOutWhatHasNoRoom() throws Exception {
        Consumer consumer = new Consumer(
                new InetSocketAddress("2001:db8::1", 1),
                new InetSocketAddress("10.0.0.1", 2),
                Map.of(
                        TlvType.AUTHORITY, new byte[300],
                        TlvType.POD_IDENTITY, new byte[317],
                        TlvType.UNIQUE_ID, new byte[32]));

        byte[] written = HeaderV2.write(consumer);

        assertThat(written).hasSizeLessThanOrEqualTo(HeaderReader.MAX_BYTES);
        assertThat(Headers.read(written).orElseThrow().tlvs())
                .containsOnlyKeys(TlvType.UNIQUE_ID, TlvType.POD_IDENTITY);
    }

    @Test
    void addressesOfTwoFamiliesAreWrittenAsIPv6() throws Exception {
        Consumer mixed =
                new Consumer(new InetSocketAddress("2001:db8::1", 1), new InetSocketAddress("10.0.0.1", 2), Map.of());

        assertThat(Headers.read(HeaderV2.write(mixed))).contains(mixed);
        assertThat(new String(HeaderV1.write(mixed.source(), mixed.destination()), US_ASCII))
                .isEqualTo("PROXY TCP6 2001:db8::1 ::ffff:10.0.0.1 1 2\r\n");
        assertThatCode(() -> Headers.read(HeaderV1.write(mixed.source(), mixed.destination())))
                .doesNotThrowAnyException();
    }

    /** Itself, a view of it, and the bytes of both addresses. */
    @Test
    void aHeaderIsWrittenIntoNoMoreThanItsBytes() {
        Consumer consumer =
                new Consumer(new InetSocketAddress("10.0.0.2", 1), new InetSocketAddress("10.0.0.1", 2), Map.of());
        HeaderV2.write(consumer);

        long before = allocatedBytes();
        for (int i = 0; i < 100; i++) {
            HeaderV2.write(consumer);
        }
        assertThat((allocatedBytes() - before) / 100).isLessThan(256);
    }

    private static long allocatedBytes() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }
}
