package link.ambassador.relay.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import link.ambassador.config.Credential;
import link.ambassador.config.HealthCheck;
import link.ambassador.config.Target;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What probes say, and what they make of the answers. */
class DialogueTest {
    private static final Target TARGET = new Target("pg-a", 8008);
    private static final HealthCheck.Check PRIMARY = new HealthCheck.Http("/primary", List.of(200, 204));
    private static final HealthCheck.Check ROLE = new HealthCheck.Exchange(
            List.of(new HealthCheck.Step("INFO replication\r\n", "role:master")), Optional.empty());

    @Example
    void anHttpCheckAsksForItsPath() {
        assertThat(sent(begun(PRIMARY).begin()))
                .startsWith("GET /primary HTTP/1.1\r\nHost: pg-a:8008\r\n")
                .contains("\r\nConnection: close\r\n")
                .endsWith("\r\n\r\n");
    }

    @Example
    void anExpectedStatusIsGood() {
        assertThat(answer(PRIMARY, "HTTP/1.0 200 OK\r\n")).isInstanceOf(Dialogue.Verdict.Good.class);
        assertThat(answer(PRIMARY, "HTTP/1.1 204\r\n")).isInstanceOf(Dialogue.Verdict.Good.class);
    }

    @Example
    void anotherStatusIsBadAndNamed() {
        assertThat(answer(PRIMARY, "HTTP/1.0 503 Service Unavailable\r\n"))
                .isEqualTo(new Dialogue.Verdict.Bad("it answered /primary with 503"));
    }

    @Example
    void anInterimAnswerIsPassedOver() {
        assertThat(answer(PRIMARY, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n"))
                .isInstanceOf(Dialogue.Verdict.Good.class);
    }

    @Example
    void whatIsNotHttpIsBadAtOnce() {
        assertThat(answer(PRIMARY, "-ERR unknown command\r\n"))
                .isEqualTo(
                        new Dialogue.Verdict.Bad("its answer is not HTTP/1: \"-ERR unknown command\\u000d\\u000a\""));
        assertThat(answer(PRIMARY, "HTTP/1.1 OK\r\n")).isInstanceOf(Dialogue.Verdict.Bad.class);
        assertThat(answer(PRIMARY, "HTTP/1.1 2000 OK\r\n")).isInstanceOf(Dialogue.Verdict.Bad.class);
    }

    @Example
    void aStatusLineThatNeverEndsIsBadAfterFourKib() {
        Dialogue dialogue = begun(PRIMARY);
        dialogue.begin();
        assertThat(dialogue.received(bytes("HTTP/1.1 200 " + "a".repeat(4082))))
                .isInstanceOf(Dialogue.Verdict.Undecided.class);
        assertThat(dialogue.received(bytes("a"))).isInstanceOf(Dialogue.Verdict.Bad.class);
    }

    @Example
    void interimAnswersWithoutEndAreBadAfterFourKib() {
        assertThat(answer(PRIMARY, "HTTP/1.1 100 Continue\r\n\r\n".repeat(200)))
                .isInstanceOf(Dialogue.Verdict.Bad.class);
    }

    @Example
    void anExchangeFindsItsTextAcrossPackets() {
        Dialogue dialogue = begun(ROLE);
        assertThat(sent(dialogue.begin())).isEqualTo("INFO replication\r\n");
        assertThat(dialogue.received(bytes("# Replication\r\nrole:mas")))
                .isInstanceOf(Dialogue.Verdict.Undecided.class);
        assertThat(dialogue.received(bytes("ter\r\n"))).isInstanceOf(Dialogue.Verdict.Good.class);
    }

    @Example
    void aWholeAnswerWithoutTheTextIsBad() {
        Dialogue dialogue = begun(ROLE);
        dialogue.begin();
        assertThat(dialogue.quiet()).isInstanceOf(Dialogue.Verdict.Undecided.class);
        dialogue.received(bytes("role:slave"));
        assertThat(dialogue.quiet()).as("within a line").isInstanceOf(Dialogue.Verdict.Undecided.class);
        dialogue.received(bytes("\r\n"));
        assertThat(dialogue.quiet())
                .isEqualTo(new Dialogue.Verdict.Bad(
                        "its answer does not have \"role:master\": \"role:slave\\u000d\\u000a\""));
    }

    @Example
    void theTextMustComeWithinTheFirstFourKib() {
        assertThat(answer(ROLE, "x".repeat(4096 - 11) + "role:master")).isInstanceOf(Dialogue.Verdict.Good.class);
        assertThat(answer(ROLE, "x".repeat(4096 - 10) + "role:master")).isInstanceOf(Dialogue.Verdict.Bad.class);
    }

    @Example
    void stepsFollowEachOtherAndTheCredentialIsNeverShown() {
        Dialogue dialogue = Dialogue.of(
                new HealthCheck.Exchange(
                        List.of(
                                new HealthCheck.Step("", "220"),
                                new HealthCheck.Step("AUTH " + HealthCheck.Exchange.PLACEHOLDER + "\r\n", "+OK")),
                        Credential.parse("redis-auth/password")),
                TARGET,
                Optional.of("s3cret"));
        assertThat(dialogue.begin()).isInstanceOf(Dialogue.Verdict.Undecided.class);
        assertThat(sent(dialogue.received(bytes("220 hello\r\n")))).isEqualTo("AUTH s3cret\r\n");
        dialogue.received(bytes("-ERR unknown command 's3cret'\r\n"));
        assertThat(dialogue.quiet())
                .isEqualTo(new Dialogue.Verdict.Bad("its answer to step 2 of the health check does not have \"+OK\""));
    }

    @Example
    void aConnectIsGoodUnlessTheTargetEndsItAtOnce() {
        HealthCheck.Check tcp = new HealthCheck.Tcp();
        assertThat(begun(tcp).begin()).isInstanceOf(Dialogue.Verdict.Undecided.class);
        assertThat(begun(tcp).quiet()).isInstanceOf(Dialogue.Verdict.Good.class);
        assertThat(begun(tcp).received(bytes("x"))).isInstanceOf(Dialogue.Verdict.Good.class);
        assertThat(begun(tcp).ended())
                .isEqualTo(new Dialogue.Verdict.Unanswered("it accepted a connection and ended it without a byte"));
    }

    @Property(tries = 300)
    void howAnAnswerIsCutDoesNotMatter(@ForAll byte[] noise, @ForAll int seed) {
        byte[] whole = bytes(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 x\r\n" + new String(noise, StandardCharsets.ISO_8859_1));
        Dialogue dialogue = begun(PRIMARY);
        dialogue.begin();
        Dialogue.Verdict verdict = null;
        int at = 0;
        int random = seed;
        while (at < whole.length && !(verdict instanceof Dialogue.Verdict.Bad)) {
            random = random * 31 + 7;
            int end = Math.min(whole.length, at + 1 + Math.floorMod(random, 9));
            verdict = dialogue.received(java.util.Arrays.copyOfRange(whole, at, end));
            at = end;
        }
        assertThat(verdict).isEqualTo(new Dialogue.Verdict.Bad("it answered /primary with 503"));
    }

    @Property(tries = 300)
    void anyBytesHaveAVerdict(@ForAll byte[] bytes) {
        for (HealthCheck.Check check : List.of(PRIMARY, ROLE, new HealthCheck.Tcp())) {
            Dialogue dialogue = begun(check);
            dialogue.begin();
            dialogue.received(bytes);
            dialogue.quiet();
            assertThat(dialogue.ended()).isNotNull();
        }
    }

    private static Dialogue begun(HealthCheck.Check check) {
        return Dialogue.of(check, TARGET, Optional.empty());
    }

    private static Dialogue.Verdict answer(HealthCheck.Check check, String text) {
        Dialogue dialogue = begun(check);
        dialogue.begin();
        return dialogue.received(bytes(text));
    }

    private static String sent(Dialogue.Verdict verdict) {
        return ((Dialogue.Verdict.Send) verdict).text();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
