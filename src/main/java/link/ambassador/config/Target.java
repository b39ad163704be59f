package link.ambassador.config;

/**
 * A target of a link: where its connections go.
 *
 * @param host as written: an IP address without brackets, or a DNS name ({@link HostSyntax})
 * @param port 1 to 65535
 */
public record Target(String host, int port) {
    /** @throws IllegalArgumentException with a sentence that says what would be right */
    public Target {
        if (!HostSyntax.isHost(host)) {
            throw new IllegalArgumentException(
                    "A target's host is '" + Printable.text(host) + "': it must be " + HostSyntax.WANTED);
        }
        Ports.require(port, "A target's port");
    }

    // Written by hand: see Link.
    @Override
    public boolean equals(Object other) {
        return other instanceof Target target && port == target.port && host.equals(target.host);
    }

    @Override
    public int hashCode() {
        return 31 * port + host.hashCode();
    }

    /** {@code host:port}, or {@code [host]:port} when the host is an IPv6 address. */
    @Override
    public String toString() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
