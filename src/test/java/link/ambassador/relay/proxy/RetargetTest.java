package link.ambassador.relay.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import link.ambassador.config.Target;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Which connections a change of targets affects (contract point 3). */
class RetargetTest {
    @Example
    void aTargetThatLeftTheListAffectsItsConnections() {
        assertThat(affected("a", "b")).containsExactly("a");
        assertThat(affected("ab", "b")).containsExactly("a");
        assertThat(affected("ab", "a")).containsExactly("b");
        assertThat(affected("ab", "c")).containsExactly("a", "b");
    }

    @Example
    void aNewTargetInFrontAffectsThoseBehindIt() {
        assertThat(affected("a", "ba")).containsExactly("a");
        assertThat(affected("ab", "acb")).containsExactly("b");
    }

    @Example
    void aTargetThatMovedInFrontAffectsThoseItOvertook() {
        assertThat(affected("ab", "ba")).containsExactly("a");
        assertThat(affected("abc", "cab")).containsExactly("a", "b");
    }

    @Example
    void aTargetThatLeftInFrontAffectsNoOtherConnection() {
        assertThat(affected("abc", "bc")).containsExactly("a");
    }

    @Example
    void aConnectionThatWasKeptIsAffectedByTheNextRetarget() {
        assertThat(retarget("b", "c").affects(target('a'))).isTrue();
    }

    @Example
    void aConnectionWhoseTargetCameBackIsNotAffected() {
        assertThat(retarget("b", "ab").affects(target('a'))).isFalse();
        assertThat(retarget("b", "ba").affects(target('a'))).isFalse();
    }

    @Property
    void appendingTargetsAffectsNoConnection(@ForAll("lists") List<Target> before, @ForAll("lists") List<Target> more) {
        List<Target> after = new ArrayList<>(before);
        more.stream().filter(target -> !before.contains(target)).forEach(after::add);

        assertThat(targets("abcdef")).noneMatch(new Retarget(before, after)::affects);
    }

    @Property
    void aConnectionToTheFirstTargetOfTheNewListIsNotAffected(
            @ForAll("lists") List<Target> before, @ForAll("lists") List<Target> after) {
        assertThat(new Retarget(before, after).affects(after.get(0))).isFalse();
    }

    @Property
    void everyTargetThatLeftIsAffected(@ForAll("lists") List<Target> before, @ForAll("lists") List<Target> after) {
        assertThat(before).filteredOn(target -> !after.contains(target)).allMatch(new Retarget(before, after)::affects);
    }

    @Provide
    Arbitrary<List<Target>> lists() {
        return Arbitraries.of('a', 'b', 'c', 'd')
                .map(RetargetTest::target)
                .list()
                .ofMinSize(1)
                .uniqueElements();
    }

    private static List<String> affected(String before, String after) {
        return Arrays.stream(before.split(""))
                .filter(name -> retarget(before, after).affects(target(name.charAt(0))))
                .toList();
    }

    private static Retarget retarget(String before, String after) {
        return new Retarget(targets(before), targets(after));
    }

    private static List<Target> targets(String names) {
        return names.chars().mapToObj(name -> target((char) name)).toList();
    }

    private static Target target(char name) {
        return new Target(name + ".example.com", 1);
    }
}
