"""What the results of the mutants look like: a line for each, and the kill matrix."""

import statistics

from mutant import TECHNIQUES, kills, missed


def summary(mutant, entry, techniques):
    if "bad" in entry:
        return f"NO MUTANT {mutant.name}: {entry['bad']}"
    found = ", ".join(f"{row}: {describe(mutant, result)}" for row, result in entry["rows"].items()
                      if result["verdict"] != "survived")
    by = missed(mutant, entry, techniques)
    word = "killed" if not by else "MISSED by " + ", ".join(by) + ":"
    return f"{word:9} {mutant.name}  {found or 'nothing found'}  ({entry['cpu_s']} CPU s)"


def describe(mutant, result):
    if result["verdict"] != "found":
        return result["verdict"]
    text = "+".join(result["clauses"]) or "no clause: " + result.get("note", "")[:80]
    if "shrunk" in result:
        text += f" after {result['work']} operations, shrunk to {result['shrunk']}"
    return text if kills(mutant, result) else "undeclared " + text


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


def median(numbers):
    return statistics.median_low(numbers) if numbers else ""


def matrix_page(mutants, results):
    order = [row for rows in TECHNIQUES.values() for row in rows]
    rows = [row for row in dict.fromkeys(order) if any(row in e["rows"] for e in results.values())]
    by_row = {row: [] for row in rows}  # the kills
    killed = 0
    for mutant in mutants:
        tried = results[mutant.name]["rows"]
        killers = [row for row in tried if kills(mutant, tried[row])]
        killed += bool(killers)
        for row in killers:
            by_row[row].append(dict(tried[row], alone=len(killers) == 1))
    shrunk = [r["shrunk"] for of_row in by_row.values() for r in of_row if "shrunk" in r]
    lines = [
        "# Kill matrix", "",
        "Which technique finds which seeded bug. Written by `./lab mutants --matrix "
        "docs/kill-matrix.md`;", "what the words mean stands in "
        "[labs/mutants/README.md](../labs/mutants/README.md).", "",
        f"{killed} of {len(mutants)} mutants are killed. The median of the shrunk traces has "
        f"{median(shrunk)} operations.", "",
        "| technique | tried on | kills | alone | work until a kill (median) "
        "| shrunk to (median) |",
        "|---|---|---|---|---|---|"]
    for row in rows:
        of_row = by_row[row]
        lines.append(f"| {row} | {sum(row in e['rows'] for e in results.values())} "
                     f"| {len(of_row)} | {sum(r['alone'] for r in of_row)} | "
                     f"{median([r['work'] for r in of_row])} | "
                     f"{median([r['shrunk'] for r in of_row if 'shrunk' in r])} |")
    lines += ["", "A cell holds the work until the kill (operations; failing tests for the "
              "suites) and, behind the arrow, the", "operations of the shrunk trace. Empty: not "
              "found. A dot: not tried. In brackets: found, but by a clause that the", "header "
              "does not declare.", "",
              "| mutant | " + " | ".join(rows) + " |", "|---" * (len(rows) + 1) + "|"]
    for mutant in mutants:
        cells = [cell(mutant, results[mutant.name]["rows"].get(row)) for row in rows]
        lines.append(f"| {mutant.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
