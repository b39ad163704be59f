/** What we give to Prometheus and Grafana, tried in a real Prometheus. Grafana itself is not run. */
package link.ambassador.monitoring;
