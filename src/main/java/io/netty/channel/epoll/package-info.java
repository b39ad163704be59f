/** Classes that have to live in Netty's package to call what Netty keeps to itself. */
package io.netty.channel.epoll;
