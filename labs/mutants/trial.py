"""One technique on one mutant that stands in a tree: what the programs say of it."""

import json
import re

from mutant import SUITES, BadMutant
from tree import ROOT, WORK, apply_patch


def build_and_smoke(tree, mutant):
    """Requires the mutant to be worth a measurement: it builds, and a hundred keys do not find it."""
    apply_patch(mutant, tree.path)
    tree.use(one_unit=any(file.endswith(".h") for file in mutant.files))
    tree.build("lsm-verify")
    smoke = run_row(tree, "smoke", mutant, "quick")
    if smoke["verdict"] != "survived":
        raise BadMutant(f"the smoke test finds it: {smoke}")


def try_row(tree, row, mutant, effort):
    before = tree.cpu_s
    result = run_suites(tree, mutant) if row == SUITES else run_row(tree, row, mutant, effort)
    result["cpu_s"] = round(tree.cpu_s - before, 1)
    return result


def run_row(tree, row, mutant, effort):
    """One row of lsm-verify."""
    out = tree.out / mutant.name
    report = out / f"{row}.json"
    out.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    replay = f"./lab mutants --leave {mutant.name} && build/mutants/tree/lab replay"
    done = tree.run([tree.program("tools/lsm-verify"), f"--{effort}", "--only", row, "--out", out,
                     "--json", report], LSM_REPLAY_PREFIX=replay)
    (out / f"{row}.txt").write_text(done.output)
    if done.status is None:
        return {"verdict": "timeout"}
    if done.status == 0:
        return {"verdict": "survived"}
    try:
        reported = json.loads(report.read_text())["rows"]
    except (OSError, ValueError):
        return {"verdict": "died", "note": done.output[-500:]}
    found = next((r for r in reported if r["row"] == row and r["verdict"] == "finding"), None)
    if found is None:  # a row that this one needs failed
        return {"verdict": "survived"}
    return read_finding(found)


def read_finding(found):
    story = found.get("story")
    counts = found["counts"]
    result = {"verdict": "found", "note": found["note"],
              "work": counts.get("operations", next(iter(counts.values()), 0))}
    if story:
        result["clauses"] = [story["clause"]]
        result["work"] += story["operations_before"]
        result["shrunk"] = story["operations_after"]
    else:
        named = re.match(r"P\d+|[A-Z]-[A-Z]+", found["note"])
        result["clauses"] = [named[0]] if named else []
    return result


def clauses_of_test(suite, test):
    """M_GET_x is of M-GET, M_GET_and_M_ORDER_x of both, IMerge.x of I-MERGE; else its name."""
    named = re.findall(r"(?:^|_)([A-Z])_([A-Z]{2,})(?=_|$)", test)
    if not named:
        named = re.findall(r"^([A-Z])([A-Z][a-z]+)$", suite)
    return [f"{stage}-{clause.upper()}" for stage, clause in named] or [f"{suite}.{test}"]


def is_stage(folder):
    return (ROOT / "engine/contract" / folder).is_dir()


def run_suites(tree, mutant):
    """The tests that judge a folder: of a stage as the row `contracts` of lsm-verify runs them."""
    program = f"{'contract' if is_stage(mutant.folder) else 'lsm'}_{mutant.folder}_test"
    report = WORK / "out" / mutant.name / f"{program}.json"
    report.unlink(missing_ok=True)
    tree.build(program)
    done = tree.run([tree.program(program), f"--gtest_output=json:{report}"],
                    RC_PARAMS="seed=1 max_success=100")
    if done.status is None:
        return {"verdict": "timeout"}
    if done.status == 0:
        return {"verdict": "survived"}
    if not report.is_file():
        return {"verdict": "died", "note": done.output[-500:]}
    failed = [(suite["name"], test["name"])
              for suite in json.loads(report.read_text())["testsuites"]
              for test in suite["testsuite"] if "failures" in test]
    clauses = {clause for names in failed for clause in clauses_of_test(*names)}
    return {"verdict": "found", "clauses": sorted(clauses), "work": len(failed)}
