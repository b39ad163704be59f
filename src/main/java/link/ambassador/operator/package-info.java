/**
 * The half that reconciles: desired state as pure functions of the resources, thin I/O around them.
 *
 * <p>Runs inside Quarkus, on the threads of the Operator SDK. Never sees the relay's classes: both speak through {@code link}.
 */
package link.ambassador.operator;
