/**
 * The {@code Ambassador} resource as Kubernetes stores it: records, conditions and reasons. No logic lives here and
 * nothing of ours is imported, so that the types can be read as the resource's reference.
 */
package link.ambassador.api.v1alpha1;
