/**
 * How a link table reaches the relays that are to serve it, and how the operator learns that they do.
 *
 * <p>The table itself travels in a volume of the kubelet's. Here the kubelet is nudged to refresh that volume now, and the
 * relay is asked what it applied, both repeated until they agree. Everything of a delivery lives on one Vert.x context;
 * reconcilers call in from their own threads and read what is known without waiting.
 */
package link.ambassador.operator.delivery;
