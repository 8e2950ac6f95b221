"""The result of a grading, and its forms for terminals and other programs.

The result is one JSON object (README.md states its fields); every other form is made from it, and
from nothing else.
"""

import csv
import json

SCHEMA = "lsmlab-grade/1"


def empty_result(lab, source, seed):
    return {
        "schema": SCHEMA, "lab": lab.folder.name, "stage": lab.stage, "source": str(source),
        "seed": seed, "status": "graded", "message": "", "points": 0,
        "points_max": sum(clause.points for clause in lab.clauses),
        "clauses": [{"clause": c.name, "asks": c.asks, "points": 0, "points_max": c.points,
                     "verdict": "not run", "tests": 0, "story": "", "replay": ""}
                    for c in lab.clauses]}


def full_marks(result):
    return result["status"] == "graded" and result["points"] == result["points_max"] > 0


def line_of(clause):
    mark = {"kept": "ok  ", "broken": "FAIL", "not run": "-   "}[clause["verdict"]]
    return (f"{mark} {clause['points']:3}/{clause['points_max']:<3} {clause['clause']:<13} "
            f"{clause['asks']}")


def story_of(clause):
    text = "\n".join("    " + line for line in clause["story"].splitlines())
    return text + (f"\n    see it again: {clause['replay']}" if clause["replay"] else "")


def first_broken(result):
    return next((c for c in result["clauses"] if c["verdict"] == "broken"), None)


def summary_of(result):
    lines = [f"{result['points']} of {result['points_max']} points, {result['lab']}"]
    if result["status"] != "graded":
        lines.insert(0, f"{result['status'].upper()}: {result['message']}")
    broken = first_broken(result)
    if broken:
        lines.append(f"do next: {broken['clause']}, {broken['asks']}")
    return "\n".join(lines)


def gradescope(result):
    tests = [{"name": f"{c['clause']}: {c['asks']}", "score": c["points"],
              "max_score": c["points_max"], "status": "passed" if c["verdict"] == "kept" else
              "failed", "output": story_of(c) if c["story"] else c["verdict"]}
             for c in result["clauses"]]
    return {"score": result["points"], "output": summary_of(result), "tests": tests}


def annotation_of(clause):
    """A line that GitHub Actions shows at the run."""
    escaped = story_of(clause).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::error title={clause['clause']} ({clause['asks']})::{escaped}"


def annotations(result):
    lines = [annotation_of(c) for c in result["clauses"] if c["verdict"] == "broken"]
    if result["status"] != "graded":
        message = f"{result['status']}: {result['message']}"
        lines.append("::error title=grader::" + message.replace("%", "%25").replace("\n", "%0A"))
    return "\n".join(lines)


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2) + "\n")


def write_csv(path, results):
    """A line a submission."""
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        clauses = [c["clause"] for c in results[0]["clauses"]]
        table.writerow(["submission", "status", "points", "points_max", *clauses])
        for result in results:
            table.writerow([result["source"].rsplit("/", 1)[-1], result["status"],
                            result["points"], result["points_max"],
                            *(c["points"] for c in result["clauses"])])
