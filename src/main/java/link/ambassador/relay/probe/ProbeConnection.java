package link.ambassador.relay.probe;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import link.ambassador.relay.join.PipelineLeg;

/** Leads a {@link Dialogue} on a connection that was made for it, and resets the connection at its end. On the event loop. */
final class ProbeConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = Logger.getLogger(ProbeConnection.class.getName());

    private final Promise<Optional<ProbeFailure>> done = Promise.promise();
    private final Channel channel;
    private final Dialogue dialogue;
    private ScheduledFuture<?> deadline;
    private ScheduledFuture<?> quiet;

    private ProbeConnection(Channel channel, Dialogue dialogue) {
        this.channel = channel;
        this.dialogue = dialogue;
    }

    /**
     * Leads the dialogue.
     *
     * @return empty if the target is healthy; else why it is not
     */
    static Future<Optional<ProbeFailure>> run(Channel channel, Dialogue dialogue, long timeoutNanos) {
        ProbeConnection probe = new ProbeConnection(channel, dialogue);
        probe.step(() -> probe.begin(timeoutNanos));
        return probe.done.future();
    }

    private void begin(long timeoutNanos) {
        deadline = channel.eventLoop()
                .schedule(
                        () -> step(() -> fail("no whole answer to the health check in time", false)),
                        timeoutNanos,
                        TimeUnit.NANOSECONDS);
        PipelineLeg.observe(channel, this);
        if (!channel.isOpen()) {
            follow(dialogue.ended());
            return;
        }
        awaitQuiet();
        follow(dialogue.begin());
        channel.read();
    }

    /** Tells the dialogue of something, unless it is over. */
    private void tell(Supplier<Dialogue.Verdict> what) {
        step(() -> {
            if (!done.future().isComplete()) {
                follow(what.get());
            }
        });
    }

    private void follow(Dialogue.Verdict verdict) {
        if (verdict instanceof Dialogue.Verdict.Good) {
            end(Optional.empty());
        } else if (verdict instanceof Dialogue.Verdict.Bad bad) {
            fail(bad.why(), true);
        } else if (verdict instanceof Dialogue.Verdict.Unanswered unanswered) {
            fail(unanswered.why(), false);
        } else if (verdict instanceof Dialogue.Verdict.Send send) {
            channel.writeAndFlush(ByteBufUtil.writeUtf8(channel.alloc(), send.text()));
        }
    }

    private void awaitQuiet() {
        cancel(quiet);
        quiet = channel.eventLoop().schedule(() -> tell(dialogue::quiet), Dialogue.QUIET_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void fail(String why, boolean isAnswer) {
        end(Optional.of(new ProbeFailure(why, isAnswer)));
    }

    private void end(Optional<ProbeFailure> failure) {
        cancel(deadline);
        cancel(quiet);
        if (done.tryComplete(failure)) {
            PipelineLeg.closeLater(channel);
        }
    }

    private static void cancel(ScheduledFuture<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    /** Runs a step. An error in it fails the probe, and nothing else. */
    private void step(Runnable step) {
        try {
            step.run();
        } catch (Throwable e) {
            LOG.log(
                    Level.SEVERE,
                    e,
                    () -> "ended a health check of " + channel.remoteAddress() + " because of an error");
            fail("an error in the relay, which it logged", false);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            byte[] received = ByteBufUtil.getBytes(bytes);
            tell(() -> {
                awaitQuiet();
                return dialogue.received(received);
            });
        } finally {
            bytes.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (!done.future().isComplete()) {
            channel.read();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            tell(dialogue::ended);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        tell(dialogue::ended);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        tell(dialogue::ended);
    }
}
