/**
 * The conformance suite for a relay that listens here and dials there: closing, order, back-pressure and failure as named facts, each
 * observed from both ends of a relayed connection. It knows no relay from the inside, so the same scenarios judge ours and everybody
 * else's. A scenario runs on a thread of its own and owns every socket it opens; anybody's tests may use the scripted peers.
 */
package link.ambassador.relayspec;
