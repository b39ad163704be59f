/**
 * What the operator reports about an Ambassador: its status and its Events.
 *
 * <p>A status is a pure function of what a reconcile observed and of the status before, from any thread.
 * {@link link.ambassador.operator.status.EventRecorder} and {@link link.ambassador.operator.status.StatusWriteLimiter} bound how much is written.
 */
package link.ambassador.operator.status;
