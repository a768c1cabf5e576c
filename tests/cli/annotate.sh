#!/bin/sh
# weft annotate as a user meets it: exit codes, clean standard output, every format in and out, kills at any moment, two processes, a cut journal, a full disk.
. "${srcdir:-.}/tests/support/cli.sh"
kills=$src/tests/support/kills.sh
cd "$tmp" || exit 1
ann() { "$weft" annotate "$@"; }
count() { ann report --session "$1" --json - 2>err | sed 's/.*"labels":\([0-9]*\),"flowed".*"boxes".*/\1/' | head -c 12; }
want 0 "$weft" annotate --help
want 2 "$weft" annotate
want 2 "$weft" annotate nosuch
for verb in init suggest label undo update propagate report export page recover simulate; do want 0 "$weft" annotate $verb --help; grep -q usage out || fail "$verb --help says no usage"; done
want 2 "$weft" annotate init --data d
want 2 "$weft" annotate suggest --session s --plot r.svg # another subverb's option
for wrong in "--grow x" "--grow -1" "--batch 0" "--propagate maybe"; do want 2 "$weft" annotate simulate --data d $wrong; done
want 2 "$weft" annotate suggest
want 2 "$weft" annotate simulate
want 2 "$weft" annotate simulate --data d --select nix
want 0 "$weft" dataset scenes --recordings 2 --frames 20 --seed 5 --out d
want 1 "$weft" annotate init --session s --data none
want 0 "$weft" annotate init --session s --data d
want 1 "$weft" annotate init --session s --data d
want 1 "$weft" annotate suggest --session none
want 0 "$weft" annotate suggest --session s --batch 4 --json -
[ "$(wc -l <out)" = 1 ] && head -c 1 out | grep -q '{' && tail -c 3 out | grep -q '}' || fail "--json - prints more than JSON"
want 1 "$weft" annotate update --session s
want 0 "$weft" annotate label --session s --recording recording-0000 --frame 3 --set 0=cup --set 1=2
for wrong in "--frame 99 --set 0=cup" "--frame 3 --set 99=cup" "--frame 3 --set 0=nix"; do want 1 "$weft" annotate label --session s --recording recording-0000 $wrong; done
want 1 "$weft" annotate label --session s --recording nix --frame 3 --set 0=cup
want 1 "$weft" annotate label --session s --frame 3 --set 0=cup
want 2 "$weft" annotate label --session s --recording recording-0000 --set 0=cup
[ "$(count s)" = 2 ] || fail "$(count s) labels, not 2: something that is not there was taken, or an answer lost"
printf 'cup\nnix\n\ns\nu\n3\nq\n' | ann label --session s --batch 5 >out 2>err || fail "talking fails"
[ "$(count s)" = 4 ] || fail "$(count s) labels after talking, not 4"
want 0 "$weft" annotate propagate --session s --json -
head -c 1 out | grep -q '{' || fail "propagate --json"
want 0 "$weft" annotate update --session s --steps 20
want 0 "$weft" annotate update --session s --steps 20 --json -
want 0 "$weft" annotate report --session s --plot r.svg
grep -q '<svg' r.svg || fail "no curve"
want 0 "$weft" annotate page --session s --out p.html
for f in voc cvat coco mot csv; do
    want 0 "$weft" annotate export --session s --format $f --out out-$f --guesses
    want 0 "$weft" annotate init --session s-$f --data out-$f --format $f
    case $f in voc) one=out-voc/recording-0001 ;; *) one=$(ls out-$f/recording-0001.*) ;; esac
    n=$(count s)
    want 0 "$weft" annotate label --session s --recording recording-0001 --from "$one" --format $f
    [ "$(count s)" -gt "$n" ] || fail "$f: nothing taken"
    want 0 "$weft" annotate undo --session s
    [ "$(count s)" = "$n" ] || fail "$f: undo"
    want 0 "$weft" annotate suggest --session s-$f --batch 3
done
want 2 "$weft" annotate export --session s --format nix --out o
want 2 "$weft" annotate export --session s --format voc
[ "$(wc -l <err)" = 1 ] && grep -q 'out is needed' err || fail "what export lacks"
want 2 "$weft" annotate page --session s
printf 'cup\nq\n' | ann label --session s --batch 2 >out 2>err
grep -q '^1 label taken,' out || fail "one label is not labels"
want 0 "$weft" annotate undo --session s
grep -q '^1 label taken back' out || fail "one label is not labels, taken back"
printf '<!DOCTYPE a [<!ENTITY b "c">]><annotation/>' >bomb.xml
want 1 "$weft" annotate label --session s --recording recording-0000 --frame 3 --from bomb.xml
grep -q voc-doctype err || fail "a document type is read"
for m in impn mlp; do
    want 0 "$weft" annotate simulate --data d --model $m --budget 9 --batch 4 --steps 20 --json -
    grep -q '"labels_to_target"' out && grep -q "\"model\":\"$m\"" out || fail "simulate --json"
done
want 2 "$weft" annotate simulate --data d --model nosuch
want 1 "$weft" annotate simulate --data d --budget 4 --json none/r.json
grep -q file-create err || fail "a file that cannot be made is told late"

# two processes: the second one is told at once
mkfifo hold
"$weft" annotate label --session s --batch 3 <hold >/dev/null 2>&1 &
pid=$!
exec 9>hold
tries=0 # a simple command in the background: its number is weft's own
while [ "$(cat s/lock 2>/dev/null)" != "$pid" ] && [ $tries -lt 500 ]; do sleep 0.02; tries=$((tries + 1)); done
want 1 "$weft" annotate report --session s
grep -q "session-locked" err || fail "two processes in one session"
echo q >&9
exec 9>&-
wait $pid
want 0 "$weft" annotate report --session s

# killed at any moment: what was acknowledged is there, and the session opens
. "$kills"
want 0 "$weft" dataset scenes --recordings 2 --frames 200 --seed 6 --out many
want 0 "$weft" annotate init --session k --data many # so many boxes that questions do not run out
kills k "${KILLS:-20}" || bad=1

# killed while learning: the old model or the new one, whole
for t in 0.01 0.05 0.2; do
    "$weft" annotate update --session s --steps 200 >/dev/null 2>&1 &
    pid=$!
    sleep $t
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    want 0 "$weft" annotate suggest --session s --batch 1
done
ls s | grep -q '\.tmp\.' && fail "half a file is left"

# a journal cut anywhere opens; damage in the middle is named and nothing is touched
size=$(wc -c <s/journal)
cp s/journal whole
for k in 1 5 16 17 40 200; do
    head -c $((size - k)) whole >s/journal
    want 0 "$weft" annotate report --session s
    grep -q journal-torn err || fail "cut by $k: no notice"
done
cp whole s/journal
printf 'X' | dd of=s/journal bs=1 seek=40 conv=notrunc 2>/dev/null
cp s/journal damaged
want 1 "$weft" annotate label --session s --recording recording-0000 --frame 3 --set 0=cup
grep -q 'journal-corrupt' err && grep -q 'offset 8' err || fail "damage is not named"
cmp -s s/journal damaged || fail "a damaged journal was touched"
want 0 "$weft" annotate recover --session s
cmp -s s/journal.damaged damaged || fail "recover keeps no copy"
cp whole s/journal

# a full disk: exit 3, nothing lost
before=$(count s)
blocks=$((($(wc -c <s/journal) + 511) / 512 + 1))
full=0
for n in 1 2 3 4 5 6 7 8; do
    (ulimit -f $blocks; exec "$weft" annotate label --session s --recording recording-0000 --frame 5 --set 0=cup --set 1=cup --set 2=cup --set 3=cup --set 4=cup) >out 2>err
    rc=$?
    [ $rc = 3 ] && full=1
    [ $rc = 0 ] || [ $rc = 3 ] || fail "full disk: exit $rc"
done
[ $full = 1 ] || fail "the limit was never met"
[ "$(count s)" -ge "$before" ] || fail "full disk: labels lost"
(ulimit -f 1; exec "$weft" annotate page --session s --out q.html) >out 2>err
rc=$?
[ $rc = 3 ] && [ ! -e q.html ] || { fail "full disk: page: exit $rc"; cat err; }
(ulimit -f 4; exec "$weft" annotate init --session t --data d) >out 2>err
[ $? = 3 ] && [ ! -e t ] || { fail "full disk: init"; cat err; }
[ -w /dev/full ] && { "$weft" annotate report --session s --json - >/dev/full 2>err; [ $? = 3 ] || fail "/dev/full"; }
ls | grep -q '\.tmp\.' && fail "a temporary folder is left"
exit $bad
