/**
 * The conformance suite for a relay: closing, order, back-pressure and failure as named facts, each observed from both
 * ends of a relayed connection. It knows the inside of no relay, so the same scenarios judge this relay and all others.
 * A scenario runs on its own thread and owns every socket that it opens. Other tests may use the scripted peers.
 */
package link.ambassador.relayspec;
