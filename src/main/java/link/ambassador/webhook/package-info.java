/**
 * Admission: a pure decision and a pure pod patch, and the thin HTTP resource that carries them to the API server.
 *
 * <p>{@link link.ambassador.webhook.Injection} is the pure part: which pod gets a relay, and what the pod is then. A relay
 * never holds back the app: nothing is answered or added that makes the API server or the kubelet refuse the pod.
 *
 * <p>Runs inside Quarkus in the operator role, on every replica, leader or not.
 */
package link.ambassador.webhook;
