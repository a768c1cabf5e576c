#!/usr/bin/env python3
"""usage: route_noise.py WEFT FOLDS.csv WORK: the bundled osu018 placements routed a second time, by the same router with three nets of ten drawn to go first, beside
what a model that never saw the design says. What two routings of one placement differ by, nobody can predict from that placement.

FOLDS.csv is what weft train timing --fold-models wrote. Routings that stand in WORK are taken as they are. Needs the packages of datasets/osu018/flow (qflow)."""
import csv
import gzip
import math
import os
import re
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SET = os.path.join(HERE, "..", "datasets", "osu018")
# as datasets/README.md says; fir4, crc32 and alu16 are older and not placed anew
KNOBS = {"spi_master": "FAST=0", "i2c_slave": "FAST=0", "rle8": "", "divider16": "FAST=0 SEED=11", "graysync": "ASPECT=1.5", "lzshift32": "SEED=7", "vga_pat": "SEED=23", "cpu8": "", "pwm4": "", "xbar4": "DENSITY=0.75",
         "timer2": "ASPECT=0.7", "cordic12": "", "secded39": "DENSITY=0.8", "median9": "", "chacha_qr": "DENSITY=0.85", "bitonic8": "", "mac12": "DENSITY=0.9 SEED=5", "butterfly8": ""}


def text(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rt") as f:
        return f.read()


def caps(path):
    return {m.group(1): float(m.group(2)) for m in re.finditer(r"^\*D_NET (\S+) (\S+)", text(path).replace("\\", ""), re.M)}


def reroute(design, work):
    out = os.path.join(work, design)
    if not os.path.exists(f"{out}/{design}.spef"):
        env = dict(os.environ, FIRST="0.3", **dict(k.split("=") for k in KNOBS[design].split()))
        subprocess.run([f"{SET}/flow/flow.sh", f"{SET}/rtl/{design}.v", design, out], env=env, capture_output=True)
    spef, placed = f"{out}/{design}.spef", f"{out}/{design}.placed.def"
    if not os.path.exists(spef):
        return None, "not routed, or refused by the extractor"
    return (spef, "") if text(placed) == text(f"{SET}/{design}/design.def.gz") else (None, "another placement")


def slacks(weft, design, what, spef=None):
    d = f"{SET}/{design}"
    files = subprocess.run([f"{HERE}/../tools/osu018-files.sh"], capture_output=True, text=True, check=True).stdout.split()
    command = [weft, "predict" if spef else "time", *files, "--verilog", f"{d}/design.v.gz", "--sdc", f"{d}/design.sdc", "--quiet", "--endpoints-csv", "-", *what] + (["--write-spef", spef] if spef else [])
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {(r["endpoint"], r["side"]): float(r["slack"]) * 1e3 for r in csv.DictReader(out.splitlines())}


def mean_error(a, b, side):
    return statistics.mean(abs(a[k] - b[k]) for k in a if k[1] == side and k in b)


def log_error(a, b):
    """Root mean square of log a / b over nets, as they weigh in C: as they are, and without the design's mean."""
    both = [(math.log(a[n] / b[n]), b[n]) for n in b if b[n] > 0 and a.get(n, 0) > 0]
    all_c = sum(c for _, c in both)
    mean = sum(e * c for e, c in both) / all_c
    return math.sqrt(sum((e - mean) ** 2 * c for e, c in both) / all_c), mean


def main(weft, folds, work):
    fold = {r[0]: r[1] for r in csv.reader(open(folds))}
    os.makedirs(work, exist_ok=True)
    print(f"{'':14} {'log C of nets, rms':>22} {'mean':>15} {'setup, ps':>17} {'hold, ps':>17}\n{'design':14}" + f" {'second':>10} {'model':>8}" * 4)
    rows = []
    for design in KNOBS:
        if design not in fold:
            continue
        second, why = reroute(design, work)
        if not second:
            print(f"{design:14} {why}")
            continue
        d = f"{SET}/{design}"
        predicted = f"{work}/{design}.model.spef"
        model = slacks(weft, design, ["--model", fold[design], "--def", f"{d}/design.def.gz"], predicted)
        first, again, truth = slacks(weft, design, ["--spef", f"{d}/design.spef.gz"]), slacks(weft, design, ["--spef", second]), caps(f"{d}/design.spef.gz")
        row = []
        for what, c in ((again, caps(second)), (model, caps(predicted))):
            rms, mean = log_error(c, truth)
            row.append((rms, mean, mean_error(what, first, "setup"), mean_error(what, first, "hold")))
        rows.append(row)
        print(f"{design:14}" + "".join(f" {row[0][k]:10.3f} {row[1][k]:8.3f}" if k < 2 else f" {row[0][k]:10.2f} {row[1][k]:8.2f}" for k in range(4)), flush=True)
    print(f"{'median':14}" + "".join(" {:10.3f} {:8.3f}".format(*(statistics.median(abs(r[m][k]) for r in rows) for m in range(2))) for k in range(4)))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
