#!/bin/sh
# How long the gateway of the image takes until it serves, with what the JVM has learned and without, in turn: seconds, and seconds of
# CPU. After ./sluice image --aot. Argument: how many runs of each.
set -eu
cd "$(dirname "$0")/.."
root=$PWD/image/target/root
learned=image/target/learned/sluice.aot
[ -f $learned ] || { echo "$learned is not there (expected: ./sluice image --aot before this)" >&2; exit 1; }
java=$root/opt/java/openjdk/bin/java
classes=$(sed "s#/app/#$root/app/#g" "$root/app/jib-classpath-file")
work=$(mktemp -d)
"${JAVA_HOME:+$JAVA_HOME/bin/}java" -jar gateway/target/sluice.jar parts --sluice.embedded.data-dir="$work/data" \
  --sluice.embedded.kafka-port=0 >"$work/parts" 2>&1 &
parts=$!
trap 'kill $parts 2>/dev/null; wait $parts 2>/dev/null; rm -rf "$work"' EXIT
until [ -f "$work/data/endpoints.properties" ]; do sleep 1; done
at() { sed -n "s/^$1=//p" "$work/data/endpoints.properties"; }

once() { # name, option
  mkfifo "$work/$1"
  begun=$(date +%s%N)
  "$java" --enable-native-access=ALL-UNNAMED -XX:+UseCompactObjectHeaders "$2" -Xlog:aot*=error -cp "$classes" \
    io.sluice.gateway.GatewayApplication --server.port=0 --server.address=127.0.0.1 \
    --sluice.kafka.bootstrap-servers="$(at kafka)" --sluice.postgres.url="$(at postgres)" --sluice.redis.url="$(at redis)" \
    >"$work/$1" 2>&1 &
  gateway=$!
  while read -r line; do
    case "$line" in "Sluice is ready after"*) break ;; esac
  done <"$work/$1"
  ready=$(date +%s%N)
  cpu=$(awk '{print $14 + $15}' /proc/$gateway/stat)
  kill $gateway
  wait $gateway || true
  rm "$work/$1"
  awk -v name="$1" -v wall=$((ready - begun)) -v cpu="$cpu" -v tick="$(getconf CLK_TCK)" \
    'BEGIN {printf "%s: %.1f s, %.1f s of CPU\n", name, wall / 1e9, cpu / tick}'
}

once first -Xshare:auto >/dev/null # makes the topics and the tables
for _ in $(seq "${1:-5}"); do
  once without -Xshare:auto
  once with -XX:AOTCache=$learned
done
