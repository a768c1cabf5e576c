#!/bin/sh
# weft train graph: a training that is stopped (Ctrl-C, or killed outright) and resumed ends with the bits of one that was not; log, curves and the
# model file too; a checkpoint of other work is refused; nothing is left behind.
. "${srcdir:-.}/tests/support/cli.sh"
. "$src/tests/support/rings.sh"
rings "$tmp"
cd "$tmp" || exit 1
front=
# every piece of state is in play: batches, dropout, batch norm, averaged parameters, a rate that follows the loss, two runs
train() { $front "$weft" train graph --dataset RINGS --model gin --runs 2 --set epochs=60 --set patience=0 --set hidden=8 --set batch=7 --set ema=0.9 --set schedule=plateau --set plateau_patience=2 --threads 1 --quiet "$@"; }
tensors() { n=$(od -An -t u8 -N 8 "$1"); tail -c +$((n + 9)) "$1"; } # what follows the header, which tells the command
numbers() { sed 's/"seconds":[0-9.]*//g' "$1"; }
train --json whole.json --out whole.safetensors --log whole.log --plot whole.svg || fail "training fails"
[ -e whole.safetensors.checkpoint ] && fail "a finished training leaves a checkpoint"
stop() { # stop SIGNAL NAME: ends a training once the log has some lines
    front=exec
    train --json "$2.json" --out "$2.safetensors" --log "$2.log" --checkpoint-every 0 >/dev/null 2>"$2.err" &
    pid=$!
    front=
    while kill -0 $pid 2>/dev/null && { [ ! -f "$2.log" ] || [ "$(wc -l <"$2.log")" -lt "$3" ]; }; do sleep 0.01; done
    kill -"$1" $pid 2>/dev/null
    wait $pid 2>/dev/null
}
for case in INT:10 KILL:20 TERM:75; do
    signal=${case%:*}
    stop "$signal" cut "${case#*:}"
    rc=$?
    [ -e cut.safetensors.checkpoint ] || { fail "$signal: no checkpoint"; cat cut.err; }
    [ $signal = KILL ] || [ $rc = 3 ] || fail "$signal: exit $rc, not 3"
    [ $signal = KILL ] || grep -q 'resume goes on' cut.err || fail "$signal: says nothing"
    train --json cut.json --out cut.safetensors --log cut.log --plot cut.svg --resume || fail "$signal: no resume"
    numbers whole.json >a; numbers cut.json >b; cmp -s a b || { fail "$signal: other results"; diff a b; }
    numbers whole.log >a; numbers cut.log >b; cmp -s a b || { fail "$signal: another log"; diff a b | head -5; }
    cmp -s whole.svg cut.svg || fail "$signal: other curves"
    tensors whole.safetensors >a; tensors cut.safetensors >b; [ -s a ] && cmp -s a b || fail "$signal: another model"
    rm -f cut.*
done
stop INT cut 10
train --json c.json --out cut.safetensors --set lr=0.5 --resume 2>err; [ $? = 1 ] && grep -q 'checkpoint-options' err && grep -q lr err || { fail "a checkpoint of other options is taken"; cat err; }
train --json c.json --out cut.safetensors --seed 5 --resume 2>err; [ $? = 1 ] || fail "a checkpoint of another seed is taken"
cp cut.safetensors.checkpoint c.bad; dd if=/dev/null of=c.bad bs=1 seek=900 2>/dev/null
train --checkpoint c.bad --resume 2>err; [ $? = 1 ] && grep -q safetensors err || fail "half a checkpoint is taken"
LC_ALL=C sed 's/moments.second/moments.zecond/' cut.safetensors.checkpoint >c.bad
train --checkpoint c.bad --resume 2>err; [ $? = 1 ] && grep -q checkpoint-shape err || fail "a checkpoint without moments is taken"
LC_ALL=C sed 's/\\"start\\":[0-9]/\\"start\\":9/' cut.safetensors.checkpoint >c.bad
train --checkpoint c.bad --resume 2>err; [ $? = 1 ] && grep -q 'other parameters' err || { fail "a checkpoint that set out from other parameters is taken"; cat err; }
LC_ALL=C sed 's/detach/detaqh/' cut.safetensors.checkpoint >old.checkpoint # as of a version that did not know it
train --checkpoint old.checkpoint --resume >old.out 2>err || { fail "a checkpoint without an option that is at its neutral value is refused"; cat err; }
LC_ALL=C sed 's/\\"lr\\"/\\"qr\\"/' cut.safetensors.checkpoint >c.bad
train --checkpoint c.bad --resume 2>err; [ $? = 1 ] && grep -q checkpoint-options err || fail "a checkpoint without the rate is taken"
train --checkpoint whole.safetensors --resume 2>err; [ $? = 1 ] && grep -q checkpoint-kind err || fail "a model is taken for a checkpoint"
train --resume 2>err; [ $? = 2 ] || fail "--resume without a file"
ls | grep -q '\.tmp\.' && fail "a temporary file is left"
exit $bad
