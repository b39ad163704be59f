/** How log lines of both roles get to standard output. A thread that logs never waits for the reader of the log. */
package link.ambassador.log;
