# rings DIR: the data set DIR/RINGS, sixty small graphs as TU tables with one split; rings are one class, stars the other.
rings() {
    mkdir "$1/RINGS"
    awk -v stem="$1/RINGS/RINGS" 'BEGIN { for (g = 0; g < 60; g++) { n = 4 + g % 5; print g % 2 >(stem "_graph_labels.txt");
        for (i = 0; i < n; i++) { v = from + i + 1; print g + 1 >(stem "_graph_indicator.txt"); print i % 3 >(stem "_node_labels.txt"); w = g % 2 ? from + (i + 1) % n + 1 : from + 1;
            if (v != w) { print v ", " w >(stem "_A.txt"); print w ", " v >(stem "_A.txt") } }
        from += n } }'
    for part in train:0:36 val:36:48 test:48:60; do echo $part | awk -F: -v dir="$1/RINGS" '{ f = dir "/RINGS_" $1 ".index"; for (g = $2; g < $3; g++) printf "%d ", g >f; print "" >f }'; done
}
