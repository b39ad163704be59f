/**
 * The epoll channels that Vert.x' {@code NetServer} and {@code NetClient} use for links. They are in Netty's package
 * because they override and call package-private members: {@code AbstractEpollUnsafe.epollInReady} and {@code
 * readPending}, the channel's {@code socket}, {@code flags}, {@code setFlag} and {@code clearFlag}, {@code
 * EpollEventLoop.add} and {@code remove}, {@code LinuxSocket}. Everything else of the relay is in {@code
 * link.ambassador.relay}.
 *
 * <p>For each new version of Netty, check that {@code AbstractEpollStreamChannel} still needs no more than these, and
 * that {@code EpollEventLoop.processReady} still calls {@code epollOutReady} before {@code epollInReady}. {@code
 * RelaySocketChannelTest} and {@code RelayTransportTest} fail when what the relay relies on has changed; {@code
 * SystemCallsIT}, when a connection costs more system calls than before.
 */
package io.netty.channel.epoll;
