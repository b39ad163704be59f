package link.ambassador.operator.sidecar;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;

/**
 * A thread for the tables of pods. Making a table takes milliseconds; on an event loop, probes, the admission of pods and the answers of
 * relays would wait for that.
 */
final class TablesThread extends AbstractVerticle {
    private final Promise<Context> begun = Promise.promise();

    private TablesThread() {}

    /** The thread's context, once the thread runs. It ends with {@code vertx}. */
    static Future<Context> of(Vertx vertx) {
        TablesThread tables = new TablesThread();
        DeploymentOptions options = new DeploymentOptions()
                .setThreadingModel(ThreadingModel.WORKER)
                .setWorkerPoolName("pod-tables")
                .setWorkerPoolSize(1);
        return vertx.deployVerticle(tables, options).compose(id -> tables.begun.future());
    }

    @Override
    public void start() {
        begun.complete(context);
    }
}
