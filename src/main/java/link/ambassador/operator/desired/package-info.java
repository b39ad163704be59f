/**
 * What there should be, as pure functions of the resources: the link table of an Ambassador, the objects of its gateway,
 * and whether a target leads back to it.
 *
 * <p>No I/O, no clock, nothing kept: equal arguments give equal results, from any thread. The reconciler calls these and
 * writes what they say.
 */
package link.ambassador.operator.desired;
