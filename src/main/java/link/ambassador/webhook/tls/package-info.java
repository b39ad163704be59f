/**
 * The certificates by which the API server knows the webhook: made, shared between replicas, renewed, and trusted in time.
 *
 * <p>What they are and when they are renewed is pure ({@link link.ambassador.webhook.tls.Certificates}, {@link
 * link.ambassador.webhook.tls.RotationStep}); {@link link.ambassador.webhook.tls.CertificateRotation} does it, on a thread
 * of its own.
 */
package link.ambassador.webhook.tls;
