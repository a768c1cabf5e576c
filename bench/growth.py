#!/usr/bin/env python3
"""weft predict on a placed design stamped 1, 4, 16, 64 times: wall seconds (best of 2), memory, and both per 1000 cells.
usage: growth.py WEFT CIRCUITS_DIR [TECH/DESIGN] (default sky130hd/uart_i2c_usb_top: 15,596 cells, so 64 of it are 998,144)"""
import os, subprocess, sys, tempfile, time
weft, circuits = sys.argv[1:3]
design = sys.argv[3] if len(sys.argv) > 3 else 'sky130hd/uart_i2c_usb_top'
base = os.path.join(circuits, os.path.dirname(design))
stamp = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'stamp_placed.py')
print(f'{"cells":>9} {"pins":>9} {"wall s":>8} {"s/1000":>8} {"MB":>8} {"KB/cell":>8}')
for k in (1, 4, 16, 64):
    with tempfile.TemporaryDirectory() as tmp:
        subprocess.run([sys.executable, stamp, os.path.join(circuits, design), str(k), tmp], check=True)
        cmd = [weft, 'predict', '--lib', f'{base}/cells.lib.gz', '--lef', f'{base}/cells.lef.gz', '--verilog', f'{tmp}/design.v', '--top', 'stamped', '--def', f'{tmp}/design.def',
               '--sdc', f'{tmp}/design.sdc', '--endpoints', '0']
        best = None
        for _ in range(2):
            t = time.time()
            out = f'{tmp}/out'
            pid = os.fork()
            if pid == 0:
                os.dup2(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1); os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
                os.execvp(cmd[0], cmd)
            _, status, use = os.wait4(pid, 0)
            if status: raise SystemExit(f'status {status}')
            wall, mb = time.time() - t, use.ru_maxrss / 1024
            best = (wall, mb) if best is None or wall < best[0] else best
        words = open(out).readline().split()
        cells, pins = int(words[words.index('instances,') - 1]), int(words[words.index('pins,') - 1])
        print(f'{cells:9d} {pins:9d} {best[0]:8.2f} {best[0] / cells * 1e3:8.4f} {best[1]:8.0f} {best[1] * 1024 / cells:8.2f}', flush=True)
