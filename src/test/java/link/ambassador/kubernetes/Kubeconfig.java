package link.ambassador.kubernetes;

import io.fabric8.kubernetes.api.model.ConfigBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.utils.Serialization;

/** Who a client is and where it finds the API server, as the file that other programs read. */
public final class Kubeconfig {
    private Kubeconfig() {}

    public static String of(Config account) {
        return Serialization.asYaml(new ConfigBuilder()
                .withCurrentContext("test")
                .addNewContext()
                .withName("test")
                .withNewContext()
                .withCluster("test")
                .withUser("test")
                .withNamespace(account.getNamespace())
                .endContext()
                .endContext()
                .addNewCluster()
                .withName("test")
                .withNewCluster()
                .withServer(account.getMasterUrl())
                .withCertificateAuthority(account.getCaCertFile())
                .withCertificateAuthorityData(account.getCaCertData())
                .endCluster()
                .endCluster()
                .addNewUser()
                .withName("test")
                .withNewUser()
                .withToken(account.getOauthToken())
                .withClientCertificate(account.getClientCertFile())
                .withClientCertificateData(account.getClientCertData())
                .withClientKey(account.getClientKeyFile())
                .withClientKeyData(account.getClientKeyData())
                .endUser()
                .endUser()
                .build());
    }
}
