/**
 * Gateways: the objects of one, and the writes that keep them as they should be.
 *
 * <p>Which objects there should be, which limits of a namespace apply, and whether a target leads back to the Ambassador are pure functions.
 * {@link link.ambassador.operator.gateway.GatewayReconciler} compares and writes, on the threads of the Operator SDK. Called by
 * the reconciler.
 */
package link.ambassador.operator.gateway;
