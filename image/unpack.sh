#!/bin/sh
# Lays the layers of an image's tar over each other, as whatever runs it would. Arguments: the tar, the folder for its root.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -rf "$2"
mkdir -p "$2"
tar -xf "$1" -C "$work"
layers=$(sed 's/.*"Layers":\[\([^]]*\)\].*/\1/; s/[",]/ /g' "$work/manifest.json")
for layer in $layers; do
  tar --warning=no-unknown-keyword -xpf "$work/$layer" -C "$2"
done
