"""The kill matrix: docs/kill-matrix.md."""

import statistics

from judgement import chain, first_kill
from mutant import TECHNIQUES, kills
from report import Verdicts, cost_of_verdict


def cell(mutant, result):
    """Work until the kill, and the size of the shrunk trace; in brackets: by another clause."""
    if result is None:
        return "·"
    if result["verdict"] == "survived":
        return ""
    if result["verdict"] != "found":
        return result["verdict"]
    text = f"{result['work']}→{result['shrunk']}" if "shrunk" in result else str(result["work"])
    return text if kills(mutant, result) else f"({text})"


def verdict_cell(record):
    for results, mark in ((record.quick, ""), (record.full, "full: ")):
        if row := first_kill(record.mutant, results):
            rows = chain(record.mutant)
            if not all(r in results for r in rows[:rows.index(row)]):
                return f"{mark}{row} or before"
            return f"{mark}{row}, {cost_of_verdict(record, results, row):.0f} s"
    return "survives" if all(row in record.quick for row in chain(record.mutant)) else "·"


def median(numbers):
    return statistics.median_low(numbers) if numbers else ""


def technique_lines(records):
    """A line for each technique: what it was tried on, what it killed, at what cost."""
    lines = ["| technique | claimed | tried on | kills | alone | work until a kill (median) "
             "| shrunk to (median) | CPU s of a run (median) |", "|---" * 8 + "|"]
    for row in TECHNIQUES:
        tried = [r for r in records if row in r.quick]
        killed = [r for r in tried if kills(r.mutant, r.quick[row])]
        alone = sum(all(not kills(r.mutant, result) for other, result in r.quick.items()
                        if other != row) for r in killed)
        claims = sum(row in r.mutant.techniques for r in records)
        if not tried:
            continue
        work = median([r.quick[row]["work"] for r in killed])
        shrunk = median([r.quick[row]["shrunk"] for r in killed if "shrunk" in r.quick[row]])
        cost = median([r.quick[row]["cpu_s"] for r in tried])
        lines.append(f"| {row} | {claims} | {len(tried)} | {len(killed)} | {alone} | {work} "
                     f"| {shrunk} | {cost} |")
    return lines


def mutant_lines(records):
    rows = [row for row in TECHNIQUES if any(row in r.quick for r in records)]
    lines = ["| mutant | " + " | ".join(rows) + " | verdict |", "|---" * (len(rows) + 2) + "|"]
    for record in records:
        cells = [cell(record.mutant, record.quick.get(row)) for row in rows]
        lines.append(f"| {record.mutant.name} | " + " | ".join(cells) +
                     f" | {verdict_cell(record)} |")
    return lines


def matrix_page(records):
    verdicts = Verdicts(records)
    results = [(r.mutant, result) for r in records for result in r.quick.values()]
    shrunk = [result["shrunk"] for mutant, result in results
              if "shrunk" in result and kills(mutant, result)]
    found = len(verdicts.quick) + len(verdicts.full)
    folders = sorted({r.mutant.folder for r in records})
    count = {f: sum(r.mutant.folder == f for r in records) for f in folders}
    return "\n".join([
        "# Kill matrix", "",
        "Which technique finds which seeded bug. Written by `./lab mutants --verdict --full "
        "--matrix docs/kill-matrix.md`;", "what the words mean stands in "
        "[labs/mutants/README.md](../labs/mutants/README.md).", "",
        f"There are {len(records)} mutants:",
        ", ".join(f"{f} {n}" for f, n in count.items()) + ".", "",
        f"Of the {verdicts.count} that were measured `lsm-verify --quick` kills "
        f"{len(verdicts.quick)}, and `--full` {found}. The median of the",
        f"shrunk traces has {median(shrunk)} operations.", "",
        *technique_lines(records), "",
        "A cell holds the work until the kill (operations; failing tests for the suites) and, "
        "behind the arrow, the", "operations of the shrunk trace. Empty: not found. A dot: not "
        "tried. In brackets: found, but by a clause that the", "header does not declare. The last "
        "column is the whole `lsm-verify --quick`: the row that kills first, and the CPU",
        "seconds that it and the rows before it took; `or before`: some of those were not tried.", "",
        *mutant_lines(records)]) + "\n"
