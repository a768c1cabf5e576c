#!/bin/sh
# Kills a session of weft annotate at 200 moments among answers (and at some before and behind them) and counts what is lost: bench/annotate_kill.sh [WEFT [KILLS]]
weft=${1:-./weft}
case $weft in /*) ;; *) weft=$PWD/$weft ;; esac
. "$(dirname "$0")/../tests/support/kills.sh"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1
"$weft" dataset scenes --recordings 8 --frames 200 --seed 5 --out d >/dev/null && "$weft" annotate init --session s --data d >/dev/null || exit 1
kills s "${2:-200}"
