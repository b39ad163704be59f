package link.ambassador.operator.sidecar;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;

/**
 * A thread of its own for the tables of pods: making one takes milliseconds, and on an event loop the probes, the admission of
 * pods and the answers of relays would wait for them.
 */
final class TablesThread extends AbstractVerticle {
    private final Promise<Context> begun = Promise.promise();

    private TablesThread() {}

    /** Its context, once it runs; the thread ends with {@code vertx}. */
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
