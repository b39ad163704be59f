/**
 * Admission: a pure decision and a pure pod patch, and the thin HTTP resource that carries them to the API server.
 *
 * <p>Runs inside Quarkus in the operator role, on every replica, leader or not.
 */
package link.ambassador.webhook;
