/** What the operator knows, as a page: consumers, relays and targets of each Ambassador, and the latest retargets. Read-only. */
package link.ambassador.operator.topology;
