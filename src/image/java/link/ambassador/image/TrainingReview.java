package link.ambassador.image;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** The admission review of an API server for a pod that gets a relay. */
record TrainingReview(int port) {
    private static final String REVIEW =
            """
            {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"1","namespace":"training",
             "operation":"CREATE","kind":{"group":"","version":"v1","kind":"Pod"},
             "object":{"apiVersion":"v1","kind":"Pod",
              "metadata":{"name":"web","labels":{"app":"web","ambassador.link/inject":"true"}},
              "spec":{"containers":[{"name":"web","image":"web"}]}}}}""";

    /** Returns when the operator has admitted the pod with a patch. */
    void admit() throws IOException {
        try (Socket socket = anybody().getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout((int) Training.LONGEST_STEP.toMillis());
            socket.getOutputStream()
                    .write(("POST /inject HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: "
                                    + REVIEW.length() + "\r\n\r\n" + REVIEW)
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!answer.contains("JSONPatch")) {
                throw new IllegalStateException("no relay was injected: " + answer);
            }
        }
    }

    private static SSLContext anybody() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Anybody()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Trusts any certificate, because the operator was started here. */
    private static final class Anybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
