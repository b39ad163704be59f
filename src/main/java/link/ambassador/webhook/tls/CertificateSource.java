package link.ambassador.webhook.tls;

/** Where a webhook has its certificate from. It does nothing before {@link #start}, which does not wait. */
public sealed interface CertificateSource permits CertificateRotation, GivenCertificate {
    void start();

    void stop();
}
