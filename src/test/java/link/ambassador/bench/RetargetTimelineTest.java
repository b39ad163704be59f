package link.ambassador.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

class RetargetTimelineTest {
    private static final List<String> MOMENTS =
            """
            2026-01-02T03:04:05.000000000Z sent
            2026-01-02T03:04:05.080000000Z accepted
            2026-01-02T03:04:05.090Z annotated
            2026-01-02T03:04:05.150Z applied
            2026-01-02T03:04:05.400Z converged
            2026-01-02T03:04:01Z answer redis-b
            2026-01-02T03:04:04.950Z answer redis-a
            2026-01-02T03:04:05.050Z answer redis-a
            2026-01-02T03:04:05.162Z answer redis-b
            2026-01-02T03:04:05.262Z answer redis-b
            """
                    .lines()
                    .toList();

    @Test
    void eachMomentIsMarkedWithItsMillisSinceTheEdit() {
        assertThat(RetargetTimeline.read(MOMENTS).svg())
                .contains("moves from redis-a to redis-b", "4 answers, none an error", "2026-01-02")
                .contains(">80</text>", ">90</text>", ">150</text>", ">400 Converged</text>")
                .contains(">redis-b, from 162 on</text>");
    }

    @Test
    void answersAreDrawnInTheOrderOfTime() throws Exception {
        var svg = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(
                        RetargetTimeline.read(MOMENTS).svg().getBytes(StandardCharsets.UTF_8)))
                .getDocumentElement();

        assertThat(places(svg, "circle", "old", "cx")).hasSize(2).isSorted();
        assertThat(places(svg, "rect", "new", "x")).hasSize(2).isSorted();
        assertThat(places(svg, "rect", "new", "x").get(0))
                .isGreaterThan(places(svg, "circle", "old", "cx").get(1));
    }

    private static List<Integer> places(Element svg, String shape, String style, String attribute) {
        var shapes = svg.getElementsByTagName(shape);
        return Stream.iterate(0, i -> i < shapes.getLength(), i -> i + 1)
                .map(i -> (Element) shapes.item(i))
                .filter(element -> element.getAttribute("class").equals(style))
                .map(element -> Integer.valueOf(element.getAttribute(attribute)))
                .toList();
    }

    @Test
    void anAnswerThatIsAnErrorIsNoPicture() {
        assertThatThrownBy(() -> RetargetTimeline.read(
                                Stream.concat(MOMENTS.stream(), Stream.of("2026-01-02T03:04:05.300Z answer no answer"))
                                        .toList())
                        .svg())
                .hasMessageContaining("no answer");
    }

    @Test
    void withoutItsEndThereIsNoPicture() {
        List<String> endless =
                MOMENTS.stream().filter(line -> !line.contains("converged")).toList();

        assertThatThrownBy(() -> RetargetTimeline.read(endless).svg()).hasMessage("nothing of the kind 'converged'");
    }

    @Test
    void answersThatComeLateAreInThePicture() {
        List<String> late = MOMENTS.stream()
                .map(line -> line.contains(" answer redis-b") ? line.replace("05.", "09.") : line)
                .toList();

        assertThat(RetargetTimeline.read(late).svg()).contains("redis-b, from ");
    }
}
