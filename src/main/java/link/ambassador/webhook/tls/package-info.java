/**
 * The certificates by which the API server trusts the webhook: created, shared between replicas, renewed, and trusted in time; or given, such
 * as by cert-manager ({@link link.ambassador.webhook.tls.GivenCertificate}).
 *
 * <p>The content of those that are created and the times of their renewal are pure functions ({@link link.ambassador.webhook.tls.Certificates}, {@link
 * link.ambassador.webhook.tls.RotationStep}); {@link link.ambassador.webhook.tls.CertificateRotation} does it, on a thread
 * of its own.
 */
package link.ambassador.webhook.tls;
