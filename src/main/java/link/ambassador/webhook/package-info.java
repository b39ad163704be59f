/**
 * Admission: a pure decision, a pure patch of a pod, and the thin HTTP server that carries them to the API server.
 *
 * <p>{@link link.ambassador.webhook.Injection} is the pure part: which pods get a relay, and how the pod looks then. A relay never
 * holds back the app: no answer and no addition makes the API server or the kubelet refuse the pod.
 *
 * <p>Runs inside Quarkus in the operator role, on every replica, leader or not.
 */
package link.ambassador.webhook;
