package link.ambassador.relayspec;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * An authority and the certificates of {@code near.example.com} and {@code far.example.com}, made by openssl: {@code ca.crt}, and for
 * each name a directory with {@code tls.crt}, {@code tls.key}, and both in {@code pair.pem}.
 */
public record TlsCertificates(Path directory) {
    static final String FAR_NAME = "far.example.com";

    private static final String COMMANDS =
            """
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=relayspec -keyout ca.key -out ca.crt
            for name in near far; do
              mkdir $name
              openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=$name -keyout $name/tls.key -out $name.csr
              printf "subjectAltName=DNS:$name.example.com" > $name.ext
              openssl x509 -req -in $name.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 10 -extfile $name.ext -out $name/tls.crt
              cat $name/tls.crt $name/tls.key > $name/pair.pem
            done
            chmod -R a+rX .
            """;

    /** Makes them in a new directory. */
    public static TlsCertificates make() throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("relayspec-tls");
        Process openssl = new ProcessBuilder(List.of("sh", "-ec", COMMANDS))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (openssl.waitFor() != 0) {
            throw new IOException(output);
        }
        return new TlsCertificates(directory);
    }

    Path authority() {
        return directory.resolve("ca.crt");
    }

    Path certificate(String name) {
        return directory.resolve(name).resolve("tls.crt");
    }

    Path key(String name) {
        return directory.resolve(name).resolve("tls.key");
    }

    Path pair(String name) {
        return directory.resolve(name).resolve("pair.pem");
    }

    /** The authority's certificate, as a string of JSON. */
    String authorityInJson() throws IOException {
        return Files.readString(authority()).replace("\n", "\\n");
    }
}
