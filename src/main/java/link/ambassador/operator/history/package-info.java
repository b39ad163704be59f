/**
 * The retargets of an Ambassador that are remembered, as ControllerRevisions beside it. What is remembered next is a pure decision
 * ({@link link.ambassador.operator.history.HistoryStep}); {@link link.ambassador.operator.history.RetargetHistory} sends the writes, on
 * the thread of the reconcile. Nothing here changes what relays serve.
 */
package link.ambassador.operator.history;
