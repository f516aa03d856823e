#!/bin/sh
# Makes the bottom of the image, as a tar for Jib: the Java that runs this build, cut down to what the gateway needs, with the few
# libraries of the system that it is linked with, and nothing else: no shell, no package manager. No registry is asked.
# Arguments: the home of the JDK, the folder for runtime.tar, how it will be started.
set -eu
jdk=$1
mkdir -p "$2"
target=$(cd "$2" && pwd)
mkdir -p "$target/classes" "$target/nothing" # which Jib looks into, and where nothing is

# java.se is all that is Java itself; the others are for Netty and Kafka (unsupported), TLS, names, metrics, and for whoever looks into
# a process: jcmd, jfr.
modules=java.se,jdk.unsupported,jdk.crypto.ec,jdk.naming.dns,jdk.net,jdk.management,jdk.management.agent,jdk.zipfs,jdk.jcmd,jdk.jfr
home=/opt/java/openjdk

of=$(cat "$0" "$jdk/release" | cksum)
[ -f "$target/runtime.tar" ] && [ "$of" = "$(cat "$target/runtime.of" 2>/dev/null)" ] && exit 0

work=$target/runtime
rm -rf "$work" "$target/runtime.of"
root=$work/root
mkdir -p "$root/tmp" "$root/etc" "$(dirname "$root$home")"
chmod 1777 "$root/tmp"
"$jdk/bin/jlink" --add-modules $modules --no-header-files --no-man-pages --output "$root$home" >"$work/jlink.log" 2>&1 ||
  { cat "$work/jlink.log" >&2; exit 1; }

# What it is linked with, but for what draws and plays: a gateway has no screen.
for file in $(find "$root$home/bin" "$root$home/lib" -type f \( -perm -100 -o -name '*.so' \)); do
  ldd "$file" 2>/dev/null || true
done | grep -oE '/[^ ]*/(ld-linux[^ /]*|lib(c|m|dl|pthread|rt|resolv|z|gcc_s|stdc\+\+)\.so[^ /]*)' | grep -vF "$root" | sort -u |
  while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
  done
[ -n "$(find "$root" -name 'ld-linux*')" ] || { echo "$jdk is not linked with glibc (expected: a JDK for Linux)" >&2; exit 1; }

# The JDK's own classes, ready to be used; jlink leaves that out. It is of use where nothing better was learned.
"$root$home/bin/java" "$3" -Xshare:dump -Xlog:disable >/dev/null

echo 'sluice:x:10001:10001:Sluice:/tmp:/sbin/nologin' >"$root/etc/passwd"
echo 'sluice:x:10001:' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"

# The same bytes from the same files.
tar --sort=name --mtime=@1 --owner=0 --group=0 --numeric-owner --format=gnu -C "$root" -cf "$work/layer.tar" .
sum=$(sha256sum "$work/layer.tar" | cut -d' ' -f1)
case $(uname -m) in x86_64) architecture=amd64 ;; aarch64) architecture=arm64 ;; *) architecture=$(uname -m) ;; esac
cat >"$work/config.json" <<EOF
{"architecture":"$architecture","os":"linux","created":"1970-01-01T00:00:01Z",
 "config":{"Env":["PATH=$home/bin","JAVA_HOME=$home","LANG=C.UTF-8"]},
 "rootfs":{"type":"layers","diff_ids":["sha256:$sum"]},
 "history":[{"created":"1970-01-01T00:00:01Z","created_by":"image/runtime.sh","comment":"runtime"}]}
EOF
echo '[{"Config":"config.json","RepoTags":["sluice-runtime:latest"],"Layers":["layer.tar"]}]' >"$work/manifest.json"
tar --sort=name --mtime=@1 --owner=0 --group=0 --numeric-owner -C "$work" -cf "$target/runtime.tar" config.json layer.tar manifest.json
rm -rf "$work"
echo "$of" >"$target/runtime.of"
