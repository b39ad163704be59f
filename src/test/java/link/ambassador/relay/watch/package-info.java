/** What every test of the relay is also judged by, whatever it asserts: a silent log, and an event loop that never stands still. */
package link.ambassador.relay.watch;
