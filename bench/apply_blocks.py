#!/usr/bin/python3
"""weft apply on a large random graph within limits of memory: bytes planned before the run, bytes held, seconds, and whether the results are those of the whole graph.

usage: apply_blocks.py WEFT [NODES PAIRS LIMIT..]     (5000000 50000000 3G 6G; a limit of 0: none)
Needs numpy, and for 5 million nodes 3 GB of disk for features and twice 2.6 GB for hidden states (TMPDIR, /var/tmp)."""
import hashlib, os, re, shutil, subprocess, sys, tempfile, time

import numpy as np

COLUMNS, CLASSES = 128, 40


def make(folder, nodes, pairs):
    rng = np.random.default_rng(1)
    os.makedirs(folder)
    with open(folder + "/x.npy", "wb") as f:
        np.lib.format.write_array_header_1_0(f, {"descr": "<f4", "fortran_order": False, "shape": (nodes, COLUMNS)})
        for first in range(0, nodes, 1000000):
            rng.standard_normal((min(1000000, nodes - first), COLUMNS), dtype=np.float32).tofile(f)
    np.save(folder + "/edges.npy", rng.integers(0, nodes, (pairs, 2), dtype=np.int32))
    np.save(folder + "/y.npy", rng.integers(0, CLASSES, nodes))
    np.save(folder + "/split_public.npy", rng.integers(1, 4, nodes).astype(np.uint8))


def run(command):
    begin = time.time()
    pid = os.fork()
    if not pid:
        out = os.open(command[-1] + ".log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.execv(command[0], command)
    _, status, used = os.wait4(pid, 0)
    with open(command[-1] + ".log") as f:
        return status, time.time() - begin, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, f.read()


def digest(path):
    h = hashlib.md5()
    with open(path, "rb") as f:
        while piece := f.read(1 << 24):
            h.update(piece)
    return h.hexdigest()[:8]


def main():
    weft = shutil.which(sys.argv[1]) or sys.argv[1]
    nodes, pairs = (int(a) for a in sys.argv[2:4]) if len(sys.argv) > 3 else (5000000, 50000000)
    limits = sys.argv[4:] or ["3G", "6G"]
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/var/tmp")) as tmp:
        make(tmp + "/small", 2000, 20000)
        make(tmp + "/large", nodes, pairs)
        print(f"{nodes:,} random nodes, {pairs:,} random pairs, {COLUMNS} dense features as they are, two layers of {COLUMNS} columns, {CLASSES} classes, {os.cpu_count()} processors")
        print(f"{'':5} {'limit':>6} {'seconds':>8} {'of processors':>14} {'planned MiB':>12} {'held MiB':>9} {'held/planned':>13} {'blocks':>7}  result")
        for model in ("gcn", "sage"):
            subprocess.run([weft, "train", "graph", "--dataset", tmp + "/small", "--model", model, "--runs", "1", "--set", "normalize=none", "--set", "hidden=128", "--set", "epochs=2", "--out", tmp + "/m", "--quiet"],
                           check=True, stdout=subprocess.DEVNULL)
            for limit in limits:
                command = [weft, "apply", "--model", tmp + "/m", "--graph", tmp + "/large"] + (["--max-memory", limit] if limit != "0" else []) + ["--out", tmp + "/out.npy"]
                status, wall, used, held, text = run(command)
                if status:
                    print(f"{model:5} {limit:>6} exit {os.waitstatus_to_exitcode(status)}: {text.strip()}")
                    continue
                planned = float(re.search(r"at most ([0-9.]+) MiB planned", text).group(1))
                blocks = re.search(r"(\d+) blocks", text)
                print(f"{model:5} {limit:>6} {wall:8.1f} {used:14.1f} {planned:12.0f} {held:9.0f} {held / planned:13.3f} {blocks.group(1) if blocks else 'none':>7}  {digest(tmp + '/out.npy')}", flush=True)


main()
