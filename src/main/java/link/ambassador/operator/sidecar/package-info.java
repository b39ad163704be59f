/**
 * Relays in the consumers' own pods, on the operator's side: the Ambassadors that have such relays, as a cache knows them.
 *
 * <p>The cache is filled on every replica, leader or not, because admission reads it too.
 */
package link.ambassador.operator.sidecar;
