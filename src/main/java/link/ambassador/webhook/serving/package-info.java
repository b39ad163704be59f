/**
 * Admission over HTTPS: the server that the API server calls, what it asks when the caches do not know enough, and its
 * start and stop within Quarkus.
 *
 * <p>Event loops read and write; reviews are read and answered by workers. Whatever goes wrong here, a pod is admitted.
 */
package link.ambassador.webhook.serving;
