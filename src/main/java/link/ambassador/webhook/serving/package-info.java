/**
 * Admission over HTTPS: the server that the API server calls, the requests that it makes when its caches are not enough, and its
 * start and stop in Quarkus.
 *
 * <p>Event loops read and write bytes; worker threads parse and answer reviews. Whatever fails here, the pod is admitted.
 */
package link.ambassador.webhook.serving;
