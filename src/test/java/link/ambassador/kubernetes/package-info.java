/**
 * The Kubernetes that tests run on: the API server alone for {@code *IT}, a cluster with real pods for {@code *E2E}
 * (src/test/cluster), and the tests that show that both can be relied on.
 */
package link.ambassador.kubernetes;
