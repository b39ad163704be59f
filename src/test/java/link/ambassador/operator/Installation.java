package link.ambassador.operator;

import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import link.ambassador.kubernetes.Kubectl;

/** {@code kubernetes/install} on an API server, and the account that it makes for the operator. */
public final class Installation {
    public static final String NAMESPACE = "ambassador-system";
    public static final String ACCOUNT = "ambassador-operator";

    private Installation() {}

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
