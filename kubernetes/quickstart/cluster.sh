# Which cluster the quickstart takes, and how things come into it. Sourced by run and clean, never run.
# shellcheck shell=bash disable=SC2034,SC2154
[ "${BASH_VERSINFO[0]}" -ge 5 ] || { echo "${0##*/}: needs bash 5, and this is $BASH_VERSION" >&2 && exit 1; }
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$top/kubernetes/lib/cluster.sh"

scripts=$top/src/test/cluster # they start a cluster when none is named
namespace=ambassador-quickstart

yellow='' green='' plain=''
[ ! -t 1 ] || yellow=$'\e[33m' green=$'\e[32m' plain=$'\e[0m'

choose_cluster() { # CONTEXT, empty when none was named
  if [ -n "$1" ] || [ -n "${KUBECONFIG:-}" ]; then
    command -v kubectl > /dev/null || die "kubectl is missing: https://kubernetes.io/docs/tasks/tools"
    named=yes
    context=${1:-$(kubectl config current-context)} || die "KUBECONFIG=$KUBECONFIG names no context"
    kubectl="kubectl --context $context"
    redis_image=redis:8-alpine
    echo "cluster: $context"
  else
    named=no
    kubectl="${scripts#"$PWD/"}/enter kubectl"
    redis_image=localhost/amb-redis:test # `up` brings it
    echo "cluster: $(chosen | sed 's/no cluster was named/none was named by --context or KUBECONFIG/')"
  fi
}

kube() {
  if [ "$named" = yes ]; then
    kubectl --context "$context" "$@"
  else
    "$scripts/enter" kubectl "$@"
  fi
}

kube_here() {
  kube --namespace "$namespace" "$@"
}

has_operator() {
  kube get deployment ambassador-operator -n ambassador-system > /dev/null 2>&1
}

# The name of an image that gets into a named cluster without a registry; --image says it otherwise.
local_image() {
  case $context in
    kind-* | k3d-* | minikube) echo localhost/ambassador:quickstart ;;
    *) die "the cluster '$context' has to pull the image from somewhere: --image <registry>/ambassador:<tag> is built and pushed there" ;;
  esac
}

build_and_bring() { # IMAGE
  local builder
  builder=$(image_builder)
  [ -n "$builder" ] || die "no builder of images: start Docker, or install podman or buildah"
  "$builder" build -f "$top/Dockerfile.jvm" -t "$1" "$top"
  case $1 in
    localhost/*)
      [ "$builder" != buildah ] || die "needs Docker or Podman for a cluster of kind, k3d or minikube"
      "$builder" save -o "$work/image.tar" "$1"
      case $context in
        kind-*) kind load image-archive "$work/image.tar" --name "${context#kind-}" ;;
        k3d-*) k3d image import "$work/image.tar" --cluster "${context#k3d-}" ;;
        minikube) minikube image load "$work/image.tar" ;;
      esac
      ;;
    *) "$builder" push "$1" ;;
  esac
}

# kubernetes/install with the image put in, in the two places where it stands.
install_operator() { # IMAGE
  kube kustomize "$top/kubernetes/install" \
    | sed -E "s#(image|value): ambassador:[^ ]+#\1: $1#" | kube apply -f -
}

apply() { # FILE
  sed "s#redis:8-alpine#$redis_image#" "$1" | kube_here apply -f -
}
