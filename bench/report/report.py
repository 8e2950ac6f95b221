#!/usr/bin/env python3
"""One self-contained HTML page from the results that lsm-bench saved in a folder.

Plots are gnuplot's SVG, in colours that colour-blind people tell apart (Okabe and Ito). A suite
that is not in the folder is left out. Exit status: 0 fine, 1 nothing to show or gnuplot failed.
"""
import argparse
import html
import json
import pathlib
import subprocess
import sys

COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7"]
FIGURES = ["write", "runs", "searched", "space"]
STYLE = """body{font:16px/1.5 sans-serif;max-width:70em;margin:2em auto;padding:0 1em;color:#222}
table{border-collapse:collapse;margin:1em 0;font-size:14px}td,th{padding:.2em .7em;text-align:right;
border-bottom:1px solid #ddd}td:first-child,th:first-child{text-align:left}svg{max-width:100%;
height:auto}pre{white-space:pre-wrap}.note{background:#fff3d6;padding:.5em 1em}"""


def gnuplot(script, width=1000, height=420):
    head = f"set terminal svg size {width},{height} font 'sans-serif,13' background 'white'\n"
    head += "set grid ytics\nset border 3\nset tics nomirror\nset key outside top horizontal\n"
    run = subprocess.run(["gnuplot"], input=head + script, capture_output=True, text=True)
    if run.returncode != 0 or "<svg" not in run.stdout:
        sys.exit(f"report: gnuplot failed: {run.stderr.strip()}")
    return run.stdout[run.stdout.index("<svg"):]


def block(name, rows):
    """Rows of words and numbers as gnuplot's inline data."""
    lines = [" ".join(f'"{w}"' if isinstance(w, str) else f"{w:.6g}" for w in row) for row in rows]
    return f"${name} << EOD\n" + "\n".join(lines) + "\nEOD\n"


def table(head, rows):
    def line(cells, tag):
        return "<tr>" + "".join(f"<{tag}>{html.escape(str(c))}</{tag}>" for c in cells) + "</tr>"
    return "<table>" + line(head, "th") + "".join(line(r, "td") for r in rows) + "</table>"


def names(rows, key):
    return list(dict.fromkeys(row[key] for row in rows))


def bars(title, unit, groups, engines, value):
    """A group of bars for each of `groups`, one bar an engine; logarithmic."""
    script = block("d", [[g] + [value(g, e) for e in engines] for g in groups])
    script += f"set title '{title}'\nset ylabel '{unit}'\nset logscale y\n"
    script += "set style data histogram\nset style fill solid border -1\n"
    script += "set xtics rotate by 45 right noenhanced\nplot "
    script += ", ".join(f"$d using {i + 2}:xtic(1) title '{e}' lc rgb '{COLOURS[i]}'"
                        for i, e in enumerate(engines))
    return gnuplot(script)


def curves(title, unit, summaries, value):
    engines = names(summaries, "engine")
    script = f"set title '{title}'\nset xlabel 'keys'\nset ylabel '{unit}'\nset logscale xy\n"
    for i, engine in enumerate(engines):
        script += block(f"d{i}", [[s["keys"], value(s)] for s in summaries
                                  if s["engine"] == engine])
    script += "plot " + ", ".join(
        f"$d{i} using 1:2 with linespoints lw 2 pt {2 * i + 5} lc rgb '{COLOURS[i]}' title '{e}'"
        for i, e in enumerate(engines))
    return gnuplot(script, 640, 320)


def about(document):
    machine, setup = document["machine"], document["setup"]
    text = f"<p><code>{html.escape(document['command'])}</code></p>"
    text += f"<p>{html.escape(machine['cpu'])}, {machine['cpus']} processors, "
    text += f"{html.escape(machine['kernel'])}; load at the end "
    text += f"{html.escape(machine['load_at_end'])}. {setup['keys']} keys of 16 bytes, values of "
    text += f"{setup['value_bytes']}; {setup['threads']} threads; {setup['rounds']} rounds.</p>"
    notes = [f"{e['version']} was built with assertions: a release build is faster."
             for e in document["engines"] if e["assertions"]]
    notes += document["notes"] + ["FAILED: " + f for f in document["failures"]]
    if not document["complete"]:
        notes.append("The run is not complete.")
    return text + "".join(f"<p class=note>{html.escape(n)}</p>" for n in notes)


def workloads_section(document):
    summaries = document["summaries"]
    engines, groups = names(summaries, "engine"), names(summaries, "workload")
    groups = [g for g in groups if g != "recovery"]  # its time is that of the opening
    by = {(s["workload"], s["engine"]): s for s in summaries}
    rate = lambda field: lambda g, e: by[g, e][field]["median"] / 1000 if (g, e) in by else 0
    page = "<h2>How fast, beside the peers?</h2>" + about(document)
    page += bars("until the last step", "thousand a second", groups, engines, rate("rate"))
    page += bars("until drained", "thousand a second", groups, engines, rate("drained_rate"))
    page += bars("99th percentile of steps", "us", groups, engines,
                 lambda g, e: max(by[g, e]["median"]["p99_us"], .001) if (g, e) in by else 0)
    span = lambda s: f"{s['median']:.2f} ({s['min']:.2f} to {s['max']:.2f})"
    page += table([f"{engines[0]} divided by", "", "last step", "drained"],
                  [[r["workload"], r["to"], span(r["rate"]), span(r["drained_rate"])]
                   for r in document["ratios"]])
    rows = [[s["workload"], s["engine"], f"{m['anonymous_bytes'] / 2**20:.1f}",
             f"{m['peak_bytes'] / 2**20:.1f}", f"{m['cpu_us_per_entry']:.2f}",
             f"{m['written_bytes'] / m['user_bytes']:.2f}" if m["user_bytes"] else "",
             m["stalls"]] for s in summaries for m in [s["median"]]]
    return page + "<h2>What does it cost?</h2>" + table(
        ["workload", "engine", "anonymous MiB", "peak MiB", "CPU us", "written / user bytes",
         "steps over 50 ms"], rows)


def curves_section(document):
    page = "<h2>How does it grow?</h2>" + about(document)
    for workload in names(document["summaries"], "workload"):
        rows = [s for s in document["summaries"] if s["workload"] == workload]
        if workload == "recovery":
            page += curves("recovery", "ms", rows, lambda s: s["median"]["open_ms"])
        else:
            page += curves(workload, "thousand a second, drained", rows,
                           lambda s: s["drained_rate"]["median"] / 1000)
    return page


def trade_off(points):
    """Write against runs, a colour for each policy; closed forms as circles around what counted."""
    policies = names(points, "policy")
    script = "set title 'uniform updates: what a policy writes, and how many runs it leaves'\n"
    script += "set xlabel 'entries written for each update'\nset ylabel 'runs'\n"
    script += "set xrange [0:*]\nset yrange [0:*]\n"
    plots = []
    for i, policy in enumerate(policies):
        rows = [p for p in points if p["policy"] == policy]
        script += block(f"p{i}", [[p["write"]["counted"], p["runs"]["counted"],
                                   p["write"]["closed"], p["runs"]["closed"]] for p in rows])
        plots += [f"$p{i} using 1:2 with points pt {2 * i + 5} ps 1.2 lc rgb '{COLOURS[i]}' "
                  f"title '{policy}' noenhanced",
                  f"$p{i} using 3:4 with points pt 6 ps 2.2 lc rgb '{COLOURS[i]}' notitle"]
    return gnuplot(script + "plot " + ", ".join(plots), 800, 420)


def amplification_section(document):
    points = document["points"]
    plain = [p for p in points if p["bits"] == 10]
    page = "<h2>Which policy for which workload?</h2><p>Counted, so the same on every machine. "
    page += "Circles and parentheses: the closed forms of docs/policies.md.</p>"
    page += trade_off([p for p in plain if p["load"] == "uniform"])
    rows = []
    for load, ratio, memtable in dict.fromkeys((p["load"], p["ratio"], p["memtable"])
                                               for p in plain):
        rivals = [p for p in plain
                  if (p["load"], p["ratio"], p["memtable"]) == (load, ratio, memtable)]
        least = lambda f: " or ".join(
            p["policy"] for p in rivals
            if p[f]["counted"] < 1.02 * min(r[f]["counted"] for r in rivals))
        rows.append([f"{load}, T = {ratio}, M = {memtable}"] + [least(f) for f in
                                                               ("write", "runs", "space")])
    page += table(["load", "writes least", "fewest runs to read", "stores least"], rows)
    number = lambda f: f"{f['counted']:.3f} ({f['closed']:.3f}){'*' if f['marked'] else ''}"
    page += table(["load", "policy", "T", "M", "bits"] + FIGURES,
                  [[p["load"], p["policy"], p["ratio"], p["memtable"],
                    f"{p['bits']}{' monkey' if p['monkey'] else ''}"] +
                   [number(p[f]) for f in FIGURES] for p in points])
    reasons = {p[f]["explanation"] for p in points for f in FIGURES if p[f]["marked"]}
    return page + "".join(f"<p>* {html.escape(r or 'not explained')}</p>" for r in sorted(reasons))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="lsm-bench.out", help="folder of results and page")
    out = pathlib.Path(parser.parse_args().out)
    sections = {"workloads": workloads_section, "amplification": amplification_section,
                "curves": curves_section}
    parts = [make(json.loads((out / f"{suite}.json").read_text()))
             for suite, make in sections.items() if (out / f"{suite}.json").is_file()]
    if not parts:
        sys.exit(f"report: {out} holds no results: run a suite first")
    page = f"<!doctype html><html lang=en><meta charset=utf-8><title>lsmlab: benchmarks</title>" \
           f"<style>{STYLE}</style><h1>lsmlab: benchmarks</h1>{''.join(parts)}</html>\n"
    (out / "report.html").write_text(page)
    print(f"Saved: {out / 'report.html'}")


if __name__ == "__main__":
    main()
