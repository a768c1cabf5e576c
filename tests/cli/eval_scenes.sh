#!/bin/sh
# weft dataset scenes and weft eval scenes as a user meets them: exit codes, clean standard output, the keys that are promised, few recordings and short ones, the same numbers for any threads, errors with their id.
. "${srcdir:-.}/tests/support/cli.sh"
cd "$tmp" || exit 1
told() { grep -q "$1" err || { fail "no $1 told"; head -3 err; }; }
value() { sed "s/.*\"$1\":\([-0-9.e]*\)[,}].*/\1/" out; } # the last of that name: the mean over runs
between() { echo "$(value "$1") $2 $3" | awk '{ exit !($1 ~ /^[0-9.]+$/ && $1 >= $2 && $1 <= $3) }' || fail "$1 is $(value "$1"), not in $2..$3"; }

want 0 "$weft" eval scenes --help
grep -q usage out || fail "--help says no usage"
want 2 "$weft" dataset scenes --recordings 4
want 2 "$weft" dataset scenes --recordings 0 --out d
want 0 "$weft" dataset scenes --recordings 4 --frames 50 --seed 11 --out d
want 0 "$weft" dataset scenes --recordings 4 --frames 50 --seed 11 --out again
diff -r d again >/dev/null || fail "a seed gives two sets"

# one line of JSON and nothing else, keys as promised, numbers in their range
for model in impn mlp gcn gat tracks oracle; do
    want 0 "$weft" eval scenes --data d --model $model --runs 1 --epochs 2 --json -
    [ "$(wc -l <out)" = 1 ] && head -c 1 out | grep -q '{' && tail -c 3 out | grep -q '}' || fail "$model: --json - prints more than JSON"
    for key in accuracy lookalike_accuracy frames_per_s; do grep -q "\"$key\":[0-9]" out || fail "$model: no $key"; done
    between accuracy 0.05 1
    between lookalike_accuracy 0 1
    between frames_per_s 1 1e9
    [ ! -s err ] || fail "$model: words on standard error"
done
between lookalike_accuracy 0.85 1 # the oracle's: it knows the rule
[ "$(value test_recordings)" = 1 ] && [ "$(value train_recordings)" = 3 ] || fail "the last quarter is not what is tested on"

# it learns: two classes of three are said by the profile alone
want 0 "$weft" eval scenes --data d --model mlp --runs 1 --epochs 20 --json -
between accuracy 0.5 1

# runs, files, words
want 0 "$weft" eval scenes --data d --runs 2 --epochs 1 --json r.json
[ "$(grep -c 'seed' out)" = 2 ] && grep -q 'mean of 2' out || fail "words of two runs"
grep -o '"seed":' r.json | wc -l | grep -q 2 || fail "two runs in the file"
numbers() { sed 's/"frames_per_s":[0-9]*//g; s/"train_seconds":[0-9.]*//g' out; }
want 0 "$weft" eval scenes --data d --runs 1 --epochs 1 --threads 1 --json -
numbers >one
want 0 "$weft" eval scenes --data d --runs 1 --epochs 1 --threads 2 --json -
numbers | cmp -s - one || fail "threads change the numbers"

# very short ones: a frame each, two recordings
want 0 "$weft" dataset scenes --recordings 2 --frames 1 --seed 3 --out short
want 0 "$weft" eval scenes --data short --runs 1 --epochs 1 --json -
between accuracy 0 1

# errors, each with its id or the option's name
want 2 "$weft" eval scenes
told '[-]-data is needed'
for wrong in "--runs 0" "--runs x" "--epochs 0" "--lr 0" "--nearest -1" "--turn 9" "--threads 0" "--nosuch"; do
    want 2 "$weft" eval scenes --data d $wrong
    [ -s err ] && [ ! -s out ] || fail "$wrong: no word, or one on standard output"
done
want 2 "$weft" eval scenes --data d --model nosuch --runs 1 --json -
told nosuch
[ ! -s out ] || fail "half a JSON document is printed before an error"
want 1 "$weft" eval scenes --data none
want 1 "$weft" eval scenes --data d/recording-0000
told scenes-split
want 1 "$weft" eval scenes --data short --validate
told scenes-split
cp -r d bare
rm bare/*/truth.csv
want 1 "$weft" eval scenes --data bare
told scenes-split
cp -r d hurt
echo '1,2,x' >>hurt/recording-0001/detections.csv
want 1 "$weft" eval scenes --data hurt
told recording-syntax
want 1 "$weft" eval scenes --data d --model oracle --json none/r.json
told file-create
[ -w /dev/full ] && { "$weft" eval scenes --data d --model oracle --json - >/dev/full 2>err; [ $? = 3 ] || fail "/dev/full"; }
exit $bad
