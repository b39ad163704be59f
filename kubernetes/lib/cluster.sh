# What the quickstart and the tests' clusters share. Sourced, never run.
# shellcheck shell=bash disable=SC2034

state=/var/lib/amb-cluster                              # what a running cluster keeps, removed by down

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# What builds images here, or nothing.
image_builder() {
  if docker info > /dev/null 2>&1; then
    echo docker
  elif command -v podman buildah > /dev/null; then
    basename "$(command -v podman buildah | head -1)"
  fi
}

# Where a cluster comes from: named by the caller, else kind, else made here from nothing.
chosen() {
  if [ -n "${AMBASSADOR_TEST_KUBECONFIG:-}" ]; then
    echo "named: AMBASSADOR_TEST_KUBECONFIG says $AMBASSADOR_TEST_KUBECONFIG"
  elif [ -e "$state" ]; then
    echo "bare: there is one already, whole or not"
  elif docker info > /dev/null 2>&1 && command -v kind > /dev/null; then
    echo "kind: Docker answers and kind is installed"
  else
    echo "bare: no cluster was named, and Docker does not answer or kind is missing"
  fi
}
