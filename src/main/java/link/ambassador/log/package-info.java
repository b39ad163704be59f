/** How the lines of both roles get to standard output: who logs never waits for who reads. */
package link.ambassador.log;
