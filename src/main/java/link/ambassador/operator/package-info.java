/**
 * The operator role: its process, leader election and {@link link.ambassador.operator.AmbassadorReconciler}. Desired state is a pure
 * function of the resources, with thin I/O around it.
 *
 * <p>The packages below stand one above the other, and imports only go down: this one, {@code gateway}, {@code sidecar} and
 * {@code history}, then {@code status}, and at the bottom {@code delivery}. ArchitectureTest holds that.
 *
 * <p>Runs inside Quarkus, on the threads of the Operator SDK. It never sees the relay's classes: both talk through {@code config}.
 */
package link.ambassador.operator;
