package link.ambassador.relay.proxy;

import io.netty.channel.Channel;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/** The listeners of one link, one for each address of the relay. On the event loop. */
final class LinkListeners {
    private final LinkContext shared;
    private final Consumer<Channel> accepted;
    private final List<LinkListener> listeners = new ArrayList<>();

    /**
     * Without a listener.
     *
     * @param accepted called with each connection
     */
    LinkListeners(LinkContext shared, Consumer<Channel> accepted) {
        this.shared = shared;
        this.accepted = accepted;
    }

    List<LinkListener> all() {
        return Collections.unmodifiableList(listeners);
    }

    boolean areListening() {
        return listeners.stream().allMatch(listener -> listener.state() == LinkListener.State.LISTENING);
    }

    /** Whether each was tried at least once. */
    boolean areTried() {
        return listeners.stream().noneMatch(listener -> listener.state() == LinkListener.State.BINDING);
    }

    /** Makes new ones in the place of closed ones. They do not listen yet. Completes when each was tried. */
    Future<Void> make(int port) {
        listeners.clear();
        Promise<Void> tried = Promise.promise();
        Runnable onTried = () -> {
            if (areTried()) {
                tried.tryComplete();
            }
        };
        for (String host : shared.addresses().hosts()) {
            listeners.add(new LinkListener(shared, host, port, accepted, onTried));
        }
        return tried.future();
    }

    void open() {
        listeners.forEach(LinkListener::open);
    }

    /** Accept no more connections; open ones stay. */
    void close() {
        listeners.forEach(LinkListener::close);
    }
}
