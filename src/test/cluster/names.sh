# The names, places and addresses that the scripts of this folder agree on. Sourced, never run.
# shellcheck shell=bash disable=SC2034

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../../.." && pwd)
. "$top/kubernetes/lib/cluster.sh"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ambassador/cluster # what is built once: binaries and images
previous=$cache/previous                                 # an earlier commit's tree, if there is one: images/previous
run=/run/amb-cluster                                    # its sockets

# Where containerd, the kubelet and the network plugins write whatever they are told: each node mounts a place of its own there.
fixed_places=(/var/lib/kubelet /var/lib/cni /var/log/containers /run/containerd /run/netns)

export PATH=$PATH:/usr/sbin:/sbin

# Runs a command that no other up or down of this machine may meet. The lock is on a folder that is always there, so that no file
# is left of it, and it is not handed on to what the command starts.
alone() { # COMMAND...
  flock --nonblock /var/lib true || echo "${0##*/}: waits for another up or down of this machine" >&2
  exec flock --close /var/lib "$@"
}

no_go="Go is missing: install Go 1.26 or later (https://go.dev/dl) and put it on the PATH"

# A short hash of files' contents, so that what is built from them is built again exactly when they change.
key_of() {
  cat "$@" | sha256sum | cut -c1-16
}

kubernetes_version() {
  sed -n 's/^\tk8s.io\/kubernetes \(v[0-9.]*\)$/\1/p' "$here/components/go.mod"
}

# The folder of every cgroup hierarchy of this machine: one with cgroup v2, a dozen with v1.
cgroups() {
  awk '$3 ~ /^cgroup2?$/ {print $2}' /proc/mounts
}
