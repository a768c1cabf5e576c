#!/bin/sh
# Installs what building and testing weft needs on Debian 12; quiet and quick where all is there.
set -e
packages="gcc make autoconf automake libtool pkg-config zlib1g-dev libzstd-dev libxxhash-dev libjansson-dev tcl8.6-dev librandom123-dev libcriterion-dev libxml2-dev libopenblas-dev libigraph-dev qflow-tech-osu018"
missing=""
for p in $packages; do
    [ "$(dpkg-query -W -f='${Status}' "$p" 2>/dev/null)" = "install ok installed" ] || missing="$missing $p"
done
[ -z "$missing" ] && exit 0
echo "installing:$missing"
sudo=""
[ "$(id -u)" = 0 ] || sudo=sudo
$sudo apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
