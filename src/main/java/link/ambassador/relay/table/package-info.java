/**
 * The table's file: watched, read and parsed on a thread of its own, then handed to the relay on the event loop. A file that holds
 * no table, or a bad one, changes nothing. Called by the relay's process.
 */
package link.ambassador.relay.table;
