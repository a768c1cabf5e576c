#!/usr/bin/env python3
"""Answers by blocks of levels against answers in one pass: the same bytes, and what memory each takes.

  bench/time21_partition.py WEFT DATA MODEL.. (names or files; each on the three largest designs, at three budgets)

A budget is a part of what the plan of the whole asks for. Memory: the largest resident set of the process, less that of a run of the plain engine on the
same design (the design itself, its circuit, the libraries).
"""
import filecmp, os, re, subprocess, sys, tempfile

DESIGNS = ("wbqspiflash", "BM64", "genericfir")


def run(weft, data, design, model, out, *more):
    p = subprocess.Popen([weft, "eval", "timing", "--dataset", "time21", "--data", data, "--design", design, "--model", model, "--threads", "1", "--out", out, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    text, errors = p.stdout.read(), p.stderr.read()
    _, status, usage = os.wait4(p.pid, 0)
    return os.waitstatus_to_exitcode(status), text + errors, usage.ru_maxrss / 1024


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    weft, data, bad = sys.argv[1], sys.argv[2], 0
    print(f"{'model':12s} {'design':12s} {'budget MB':>10s} {'blocks':>7s} {'most nodes':>11s} {'carried':>8s} {'plan MB':>8s} {'more than engine MB':>20s}  bytes")
    for model in sys.argv[3:]:
        for design in DESIGNS:
            with tempfile.TemporaryDirectory() as d:
                _, _, engine = run(weft, data, design, "sta", d + "/sta")
                _, text, used = run(weft, data, design, model, d + "/whole", "--max-memory", "1000G")
                plan = lambda t: re.search(r"(\d+) blocks?, at most (\d+) nodes and (\d+) carried into one, ([\d.]+) MB", t)
                whole = plan(text)
                name = os.path.basename(model).replace("time21-", "").replace(".safetensors", "")
                row = lambda budget, m, used, same: print(f"{name:12s} {design:12s} {budget:>10s} {m[1]:>7s} {m[2]:>11s} {m[3]:>8s} {m[4]:>8s} {used - engine:20.1f}  {same}", flush=True)
                row("none", whole, used, "reference")
                _, floor, _ = run(weft, data, design, model, d + "/x", "--max-nodes", "1")
                low, high = float(plan(floor)[4]), float(whole[4])
                for part in (0.5, 0.2, 0.0):
                    budget = low + part * (high - low) + 0.1
                    code, text, used = run(weft, data, design, model, d + "/part", "--max-memory", f"{int(budget * 1e6)}")
                    if code:
                        sys.exit(text)
                    files = ("at_slew.csv", "netdelay.csv", "celldelay.csv")
                    same = all(filecmp.cmp(f"{d}/whole/{design}/{f}", f"{d}/part/{design}/{f}", shallow=False) for f in files)
                    bad |= not same
                    row(f"{budget:.1f}", plan(text), used, "equal" if same else "DIFFERENT")
    sys.exit(4 if bad else 0)


main()
