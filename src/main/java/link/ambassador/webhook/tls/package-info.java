/**
 * The certificates by which the API server trusts the webhook: created, shared between replicas, renewed, and trusted in time.
 *
 * <p>Their content and the times of their renewal are pure functions ({@link link.ambassador.webhook.tls.Certificates}, {@link
 * link.ambassador.webhook.tls.RotationStep}); {@link link.ambassador.webhook.tls.CertificateRotation} does it, on a thread
 * of its own.
 */
package link.ambassador.webhook.tls;
