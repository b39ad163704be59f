# How the components of a bare cluster are started and waited for. Sourced by the scripts that start some.
# shellcheck shell=bash disable=SC2154
. "$(dirname "${BASH_SOURCE[0]}")/../names.sh"

export PATH=$state/bin:$PATH NO_PROXY='*' no_proxy='*' KUBECACHEDIR=$state/kubectl # else kubectl leaves a cache in the home folder
logs=$state/log
pids=$run/pids
mkdir -p "$logs" "$pids"

fill_in() { # CONF: prints a file of conf/ with its places and numbers filled in
  sed "s#@state@#$state#g; s#@run@#$run#g; s#@certificates@#${certificates:-}#g; s#@node@#${node:-}#g" "$here/bare/conf/$1"
}

start() { # NAME COMMAND...
  local name=$1
  shift
  setsid "$@" >> "$logs/$name.log" 2>&1 < /dev/null &
  echo $! > "$pids/$name"
}

ended() { # prints the name of a component that was started and runs no more, if there is one
  local file
  for file in "$pids"/*; do
    kill -0 "$(cat "$file")" 2> /dev/null || { basename "$file"; return; }
  done
}

await() { # NAME COMMAND...: until the command succeeds; any component that ended meanwhile is told of at once
  local name=$1 deadline=$((SECONDS + 60)) gone
  shift
  until "$@" > /dev/null 2>&1; do
    gone=$(ended)
    [ -z "$gone" ] || failed "$gone" "ended"
    [ $SECONDS -lt $deadline ] || failed "$name" "is not ready after 60 s"
    sleep 0.1
  done
}

failed() { # NAME WHAT
  echo "the last lines of $logs/$1.log:" >&2
  tail -n 8 "$logs/$1.log" | sed 's/^/    /' >&2
  die "$1 $2"
}
