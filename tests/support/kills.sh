# kills SESSION N: until N kills came among answers, someone who answers as fast as the disk is killed (SIGKILL) at another moment: up to 0.16 s behind the first question (less where that was late: disks differ), every fourth time behind the start (most of those come before a
# question or behind the last one, and are counted apart). Then the session must open, and every answer that was acknowledged (the next question was there) must be in it. Uses $weft; prints what it saw; 1: something was lost.
labels_in() { "$weft" annotate report --session "$1" --json - 2>kills.err | sed 's/.*"labels":\([0-9]*\),"flowed":[0-9]*,"boxes".*/\1/'; }
kills() {
    n=0 middle=0 torn=0 lost=0 span=160
    before=$(labels_in "$1")
    while [ $middle -lt "$2" ] && [ $n -lt $((24 * $2)) ]; do
        n=$((n + 1))
        (i=0; while [ $i -lt 300 ]; do echo; i=$((i + 1)); done) >kills.answers
        : >kills.talk # a kill may come before the child has opened it
        "$weft" annotate label --session "$1" --batch 300 --select random --seed $n <kills.answers >kills.talk 2>/dev/null &
        pid=$!
        tries=0
        while [ $((n % 4)) != 0 ] && [ ! -s kills.talk ] && [ $tries -lt 1000 ]; do sleep 0.005; tries=$((tries + 1)); done
        sleep "$(printf '0.%03d' $((n * 37 % span)))"
        kill -9 $pid 2>/dev/null
        wait $pid 2>/dev/null
        asked=$(grep -o ' > ' kills.talk | wc -l)
        grep -q 'labels taken' kills.talk && asked=$((asked + 1))
        after=$(labels_in "$1")
        [ "$asked" -gt 0 ] && ! grep -q 'labels taken' kills.talk && middle=$((middle + 1))
        grep -q 'labels taken' kills.talk && [ $span -gt 4 ] && span=$((span * 3 / 4))
        grep -q journal-torn kills.err && torn=$((torn + 1))
        case $after in '' | *[!0-9]*) echo "kill $n: the session does not open"; cat kills.err; return 1 ;; esac
        # an answer that was on its way when the kill came may be there or not
        given=$((after - before)) acknowledged=$((asked > 0 ? asked - 1 : 0))
        [ $given -ge $acknowledged ] || { echo "kill $n: $acknowledged answers acknowledged, $given there"; lost=$((lost + acknowledged - given)); }
        before=$after
    done
    echo "$n kills, $middle of them among answers, $torn torn records cut off, $after labels there, $lost acknowledged answers lost"
    [ $lost = 0 ] && [ $middle = "$2" ]
}
