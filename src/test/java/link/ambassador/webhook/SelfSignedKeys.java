package link.ambassador.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** A key and the certificate that it signed itself, as keytool makes them. */
public record SelfSignedKeys(KeyStore store) {
    public static final String PASSWORD = "password";

    private static final String ALIAS = "key";

    /**
     * Those of this name, which are made once in a folder.
     *
     * @param extensions of the certificate, as keytool's {@code -ext} takes them
     */
    public static SelfSignedKeys of(String name, Path directory, String... extensions) throws Exception {
        Path file = directory.resolve(name);
        if (!Files.exists(file)) {
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair",
                    "-alias",
                    ALIAS,
                    "-keyalg",
                    "EC",
                    "-dname",
                    "CN=" + name,
                    "-validity",
                    "1",
                    "-storetype",
                    "PKCS12",
                    "-keystore",
                    file.toString(),
                    "-storepass",
                    PASSWORD));
            for (String extension : extensions) {
                command.addAll(List.of("-ext", extension));
            }
            Process keytool = new ProcessBuilder(command).inheritIO().start();
            assertThat(keytool.waitFor()).isZero();
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream content = Files.newInputStream(file)) {
            keys.load(content, PASSWORD.toCharArray());
        }
        return new SelfSignedKeys(keys);
    }

    public String certificate() throws Exception {
        return pem("CERTIFICATE", store.getCertificate(ALIAS).getEncoded());
    }

    public String key() throws Exception {
        return pem("PRIVATE KEY", store.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded());
    }

    private static String pem(String what, byte[] content) {
        return "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder().encodeToString(content) + "\n-----END " + what
                + "-----\n";
    }
}
