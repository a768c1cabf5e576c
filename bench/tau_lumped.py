#!/usr/bin/env python3
"""Times the TAU 2015 designs with `--delay-model lumped` and early and late libraries, and compares every pin with OpenTimer's values
(golden_opentimer.csv): slew, arrival, slack without and with clock reconvergence pessimism removed. Worst difference per design, ps.
Inside the design OpenTimer lets every path into an endpoint have the credit of the worst one, also those from inputs, which share no
clock with it; weft gives each path its own. So the credited slack is compared at endpoints, and at all pins for information.
usage: tau_lumped.py WEFT TAU_DIR [DESIGN ..] [--out TABLE] [--verbose]"""
import csv, gzip, os, re, subprocess, sys, tempfile

args, out, verbose = sys.argv[1:], None, False
if '--out' in args: i = args.index('--out'); out = args[i + 1]; del args[i:i + 2]
if '--verbose' in args: args.remove('--verbose'); verbose = True
weft, tau, names = args[0], args[1], args[2:]
SIDES = [('early', 'hold'), ('late', 'setup')]
lines = [f'{"design":14s} {"pins":>6s} {"missing":>7s} {"slew":>9s} {"arrival":>9s} {"slack":>9s} {"CPPR, ends":>10s} {"with CPPR":>9s} {"one side only":>13s}']
print(lines[0])

def run(folder, lib, extra):
    with tempfile.TemporaryDirectory() as tmp:
        sdc = next(open_(f, 'rt').read() for f, open_ in ((folder + '/design.sdc', open), (folder + '/design.sdc.gz', gzip.open)) if os.path.exists(f))
        # the contest lets both edges of the clock arrive at 0
        sdc = re.sub(r'^create_clock (.*-period \S+)', r'create_clock \1 -waveform {0 0.000001}', sdc, flags=re.M)
        open(f'{tmp}/x.sdc', 'w').write(sdc)
        cmd = [weft, 'time', '--lib', f'early:{tau}/lib/{lib}_Early.lib.gz', '--lib', f'late:{tau}/lib/{lib}_Late.lib.gz', '--verilog', folder + '/design.v.gz', '--delay-model', 'lumped',
               '--pins-csv', f'{tmp}/p.csv', '--quiet', '--no-bounds', '--sdc', f'{tmp}/x.sdc'] + extra
        if os.path.exists(folder + '/design.spef.gz'): cmd += ['--spef', folder + '/design.spef.gz']
        r = subprocess.run(cmd, capture_output=True, text=True)
        if r.returncode: return None, r.stderr
        return {row['pin']: row for row in csv.DictReader(open(f'{tmp}/p.csv'))}, r.stderr

bad = 0
for design in sorted(os.listdir(tau)):
    folder = os.path.join(tau, design)
    if not os.path.exists(folder + '/golden_opentimer.csv.gz') or (names and design not in names): continue
    lib = 'usb_phy_ispd' if design == 'usb_phy_ispd' else 'tau2015'
    with_cppr, told = run(folder, lib, [])
    without, told2 = run(folder, lib, ['--no-cppr'])
    if with_cppr is None or without is None:
        lines.append(f'{design:14s} failed: {told}{told2}'[:200]); print(lines[-1]); bad += 1
        continue
    worst = {'slew': (0, ''), 'at': (0, ''), 'slack': (0, ''), 'cppr': (0, ''), 'ends': (0, '')}
    n = missing = odd = 0
    example = ''
    for g in csv.DictReader(gzip.open(folder + '/golden_opentimer.csv.gz', 'rt')):
        n += 1
        a, b = with_cppr.get(g['pin']), without.get(g['pin'])
        if a is None: missing += 1; continue
        for el, check in SIDES:
            for edge in ('rise', 'fall'):
                plain = g[f'slack_{el}_{edge}']
                for kind, want, have in (('slew', g[f'slew_{el}_{edge}'], a[f'slew_{el}_{edge}']), ('at', g[f'at_{el}_{edge}'], a[f'arrival_{el}_{edge}']),
                                         ('slack', plain, b[f'slack_{check}_{edge}']), ('cppr', g[f'slack_cppr_{el}_{edge}'] or plain, a[f'slack_{check}_{edge}'])):
                    if (want == '') != (have == ''):
                        odd += 1
                        if not example: example = f'{g["pin"]} {kind} {el} {edge}: golden {want or "-"} weft {have or "-"}'
                    elif want:
                        d = abs(float(want) - float(have) * 1e3)
                        if kind == 'cppr' and a['is_endpoint'] == '1' and d > worst['ends'][0]: worst['ends'] = (d, f'{g["pin"]} {el} {edge}: golden {want} weft {float(have) * 1e3:.3f}')
                        if d > worst[kind][0]: worst[kind] = (d, f'{g["pin"]} {el} {edge}: golden {want} weft {float(have) * 1e3:.3f}')
    bad += missing > 0 or odd > 0 or max(worst[k][0] for k in ('slew', 'at', 'slack', 'ends')) > 0.1
    lines.append(f'{design:14s} {n:6d} {missing:7d} {worst["slew"][0]:9.3f} {worst["at"][0]:9.3f} {worst["slack"][0]:9.3f} {worst["ends"][0]:10.3f} {worst["cppr"][0]:9.3f} {odd:13d}')
    print(lines[-1])
    if verbose:
        print('   ', example)
        for k, w in worst.items(): print('   ', k, w[1])
lines.append(f'{bad} designs differ by more than 0.1 ps somewhere')
print(lines[-1])
if out: open(out, 'w').write('\n'.join(lines) + '\n')
