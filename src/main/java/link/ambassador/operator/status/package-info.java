/**
 * What the operator tells of an Ambassador: its status and its Events, as pure functions of what a reconcile found and of
 * the status before. Callable from any thread.
 */
package link.ambassador.operator.status;
