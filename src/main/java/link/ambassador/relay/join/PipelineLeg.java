package link.ambassador.relay.join;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.epoll.RelaySocketChannel;
import io.netty.util.AttributeKey;

/**
 * A side of a connection whose bytes go through handlers of its channel, such as those of TLS. Its endpoint is a {@link
 * PipelineEndpoint}. On the event loop.
 */
public interface PipelineLeg {
    /** Of each channel with such handlers. */
    AttributeKey<PipelineLeg> KEY = AttributeKey.valueOf(PipelineLeg.class, "KEY");

    /** Sends the end of the output behind what was written. The FIN comes next. */
    void endOutput();

    /** Whether a peer that has ended its stream takes no more. */
    boolean endsBothAtOnce();

    /** Puts a handler in the place of Vert.x' one. From now on what the channel receives goes along its pipeline. */
    static void replaceVertxHandler(Channel channel, ChannelHandler handler) {
        channel.pipeline().replace(Endpoint.VERTX_HANDLER, Endpoint.VERTX_HANDLER, handler);
        if (channel instanceof RelaySocketChannel epoll) {
            PipelineReads.install(epoll);
        }
    }

    /** Puts a handler at the end of a connection that nobody relays. What its target sends goes there, without TLS. */
    static void observe(Channel channel, ChannelHandler handler) {
        if (isOn(channel)) {
            channel.pipeline().replace(Endpoint.VERTX_HANDLER, Endpoint.VERTX_HANDLER, handler);
        } else {
            replaceVertxHandler(channel, handler);
        }
    }

    /** Puts a handler in front of the last one. */
    static void addInFront(Channel channel, ChannelHandler handler) {
        channel.pipeline().addBefore(Endpoint.VERTX_HANDLER, null, handler);
    }

    /** Puts a leg in front of the last handler, and its codec in front of the leg: the codec may begin to work at once. */
    static <L extends ChannelHandler & PipelineLeg> void install(Channel channel, L leg, ChannelHandler codec) {
        channel.attr(KEY).set(leg);
        channel.pipeline().addBefore(Endpoint.VERTX_HANDLER, "leg", leg).addBefore("leg", "codec", codec);
    }

    /** Puts a leg that is its own codec in the place of an {@link #install}ed one. */
    static <L extends ChannelHandler & PipelineLeg> void reinstall(Channel channel, L leg) {
        channel.attr(KEY).set(leg);
        channel.pipeline().remove("leg");
        channel.pipeline().replace("codec", "codec", leg);
    }

    /** Puts a leg in front of Vert.x' handler on a connection that was accepted. What it receives goes along the pipeline. */
    static <L extends ChannelHandler & PipelineLeg> void installOnAccepted(Channel accepted, L leg) {
        accepted.attr(KEY).set(leg);
        accepted.pipeline().addBefore(Endpoint.VERTX_HANDLER, "leg", leg);
        if (accepted instanceof RelaySocketChannel epoll) {
            PipelineReads.install(epoll);
        }
    }

    /** Whether the channel has such handlers. */
    static boolean isOn(Channel channel) {
        return channel.hasAttr(KEY);
    }

    /** Resets a connection that has no endpoint yet. Does nothing if it is closed. */
    static void reset(Channel channel) {
        if (channel.isOpen()) {
            ProxiedConnection.refuse(channel);
        }
    }

    /** Resets a connection that has no endpoint yet, unless it is closed by then: what was written for it goes out first. */
    static void closeLater(Channel channel) {
        channel.eventLoop().execute(() -> reset(channel));
    }
}
