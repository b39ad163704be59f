package link.ambassador.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialsTest {
    @Test
    void oneVolumeHasAllThatIsNeededOfASecret() {
        assertThat(Credentials.filesBySecret(
                        List.of("redis-auth/password", "pg", "redis-auth/old.password", "redis-auth")))
                .isEqualTo(Map.of(
                        "pg", Set.of("tls.crt", "tls.key"),
                        "redis-auth", Set.of("old.password", "password", "tls.crt", "tls.key")));
    }

    @Test
    void filesLeadBackToTheCredentials() {
        assertThat(Credentials.of("redis-auth", List.of("tls.crt", "tls.key", "password")))
                .containsExactly("redis-auth", "redis-auth/password");
    }

    @ParameterizedTest
    @ValueSource(strings = {"redis-auth", "redis-auth/password", "a/REDIS_PASS", "a/my.password-2"})
    void namesAndPasswordsAreCredentials(String word) {
        assertThat(Credentials.isValid(word)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Redis",
                "a.b",
                "a/",
                "a/.pass",
                "/password",
                "a/token",
                "a/../password",
                "a/pass/word",
                "a/pass word"
            })
    void otherWordsAreNot(String word) {
        assertThat(Credentials.isValid(word)).isFalse();
    }

    @Test
    void theAnnotationKeepsWhatIsValid() {
        assertThat(Credentials.in(" redis-auth/password, pg,Not_a_name,a/token"))
                .containsExactly("pg", "redis-auth/password");
        assertThat(Credentials.words(Set.of("pg", "a/password"))).isEqualTo("a/password,pg");
    }
}
