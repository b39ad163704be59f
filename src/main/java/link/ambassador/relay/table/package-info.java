/**
 * The file of the link table. A thread watches, reads and parses it, then hands the table to the relay on the event
 * loop. A file with no table, or a bad one, changes nothing. Called by the relay's process.
 */
package link.ambassador.relay.table;
