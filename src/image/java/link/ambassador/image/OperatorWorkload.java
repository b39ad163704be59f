package link.ambassador.image;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/**
 * The first minute of an operator: it becomes the leader, fills its caches, makes the gateway of an Ambassador, and
 * admits a pod.
 */
final class OperatorWorkload implements Training.Workload {
    private final Loopback admin = Loopback.free();
    private final TrainingReview webhook = new TrainingReview(Loopback.free().port());
    private final TrainingApiServer api = new TrainingApiServer();

    OperatorWorkload() throws IOException, InterruptedException {}

    @Override
    public Map<String, String> environment() {
        Map<String, String> environment = new TreeMap<>(api.environment());
        environment.put("AMBASSADOR_ADMIN_PORT", Integer.toString(admin.port()));
        environment.put("AMBASSADOR_WEBHOOK_PORT", Integer.toString(webhook.port()));
        environment.put("AMBASSADOR_RELAY_IMAGE", "ambassador");
        return environment;
    }

    @Override
    public void run(Process operator) throws Exception {
        admin.await(operator, "/readyz", "");
        api.awaitStatus(operator);
        webhook.admit();
        admin.get("/livez");
        admin.get("/metrics");
    }

    @Override
    public void close() throws IOException {
        api.close();
    }
}
