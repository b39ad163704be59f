package link.ambassador.operator;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import link.ambassador.kubernetes.Kubectl;

/** {@code kubernetes/install} on an API server, and the account that it makes for the operator. */
public final class Installation {
    public static final String NAMESPACE = "ambassador-system";
    public static final String ACCOUNT = "ambassador-operator";

    static final String CLUSTER = "src/test/cluster/install";

    private static final Duration LAST_OPERATOR_GONE = Duration.ofSeconds(60);

    /** Whether this process has made a cluster's installation what {@link #CLUSTER} says. */
    private static boolean applied;

    private Installation() {}

    /**
     * Sees to it that the cluster has this version, with the image that was made for it: the operators are ready when this
     * returns. Tests that run together may all ask for it; one that changes the installation puts it back by
     * {@link #onCluster(Kubectl, String)}.
     */
    public static void onCluster(Kubectl administrator) throws IOException, InterruptedException {
        synchronized (Installation.class) {
            if (!applied || operators(administrator).isEmpty()) {
                applyOnCluster(administrator, CLUSTER);
                applied = true;
            }
        }
        awaitRollout(administrator);
    }

    /**
     * Applies the installation whatever the cluster has.
     *
     * @param kustomization of this version, or of another
     */
    static void onCluster(Kubectl administrator, String kustomization) throws IOException, InterruptedException {
        applyOnCluster(administrator, kustomization);
        awaitRollout(administrator);
    }

    private static void applyOnCluster(Kubectl administrator, String kustomization)
            throws IOException, InterruptedException {
        administrator.run("", "apply", "-k", kustomization, "-n", NAMESPACE).succeeded();
    }

    private static String operators(Kubectl administrator) throws IOException, InterruptedException {
        return administrator
                .run("", "get", "deployment", ACCOUNT, "-n", NAMESPACE, "--ignore-not-found", "-o=name")
                .succeeded()
                .output();
    }

    private static void awaitRollout(Kubectl administrator) throws IOException, InterruptedException {
        administrator
                .run("", "rollout", "status", "deployment/" + ACCOUNT, "-n", NAMESPACE, "--timeout=90s")
                .succeeded();
        // An operator that stops may lead until its end, and gives gateways the relays of its own version.
        await().atMost(LAST_OPERATOR_GONE).until(() -> pods(administrator).size() == replicas(administrator));
    }

    private static List<String> pods(Kubectl administrator) throws IOException, InterruptedException {
        return administrator
                .run("", "get", "pods", "-l", "app.kubernetes.io/name=" + ACCOUNT, "-n", NAMESPACE, "-o=name")
                .succeeded()
                .output()
                .lines()
                .toList();
    }

    private static int replicas(Kubectl administrator) throws IOException, InterruptedException {
        return Integer.parseInt(administrator
                .run("", "get", "deployment", ACCOUNT, "-n", NAMESPACE, "-o=jsonpath={.spec.replicas}")
                .succeeded()
                .output()
                .strip());
    }

    /** Applies it as its users do; the CRD is served when this returns. */
    public static void apply(Kubectl administrator) throws IOException, InterruptedException {
        administrator.run("", "apply", "-k", "kubernetes/install").succeeded();
        administrator
                .run("", "wait", "--for=condition=Established", "--timeout=30s", "crd/ambassadors.ambassador.link")
                .succeeded();
    }

    /** A client's configuration that is the operator's ServiceAccount, by a token as its pods have it. */
    public static Config operatorAccount(KubernetesClient administrator) {
        String token = administrator
                .serviceAccounts()
                .inNamespace(NAMESPACE)
                .withName(ACCOUNT)
                .tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .withExpirationSeconds(3600L)
                        .endSpec()
                        .build())
                .getStatus()
                .getToken();
        Config configuration = administrator.getConfiguration();
        return new ConfigBuilder(Config.empty())
                .withMasterUrl(configuration.getMasterUrl())
                .withCaCertFile(configuration.getCaCertFile())
                .withCaCertData(configuration.getCaCertData())
                .withNamespace(NAMESPACE)
                .withOauthToken(token)
                .build();
    }
}
