/**
 * The {@code Ambassador} resource as Kubernetes stores it: records, conditions and reasons. No logic lives here and
 * nothing of ours is imported, so that the types can be read as the resource's reference.
 *
 * <p>Annotations on the records say what an API server fills in and what it refuses, in CEL where the refusal deserves a
 * sentence; {@code crds/} is made from them. All values may be null, and unknown fields and words are passed over: what is
 * stored may have been checked by the definition of another version.
 */
package link.ambassador.api.v1alpha1;
