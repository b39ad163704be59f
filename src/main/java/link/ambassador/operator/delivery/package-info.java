/**
 * How a link table reaches the relays that are to serve it, and how the operator learns that they serve it.
 *
 * <p>The table travels in a volume that the kubelet mounts. This package makes the kubelet refresh that volume now, polls the
 * relay for what it applied, and repeats both until the two agree. A delivery runs on one Vert.x context; reconciles call in from
 * their own threads, and read what is known without waiting.
 */
package link.ambassador.operator.delivery;
