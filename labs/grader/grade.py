#!/usr/bin/env python3
"""Grades a stage by the clauses of its contract.

The stage runs in a process of its own that can do nothing but compute and answer; what it answers is
judged by programs in which no line of it is. A clause is kept, and gives its points, when every test
of it passes. What does not compile, ends early, hangs, or answers nonsense gives none.

Exit status: 0 full marks, 1 less than that, 2 wrong usage.
"""

import argparse
import fcntl
import hashlib
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True  # the sources' folder stays clean

import report
from course import ROOT, GraderError, read_lab, stages_with_labs, tests_by_clause
from submission import BadSubmission, build_host
from trial import Bench, Outcome, try_row, try_test

JOBS = 2


def judge_clause(bench, clause, tests):
    """Kept, or the first of its tests that fails. A few tests run side by side; the order decides."""
    with ThreadPoolExecutor(JOBS) as pool:
        for i in range(0, len(tests), JOBS):
            for outcome in pool.map(lambda test: try_test(bench, test), tests[i:i + JOBS]):
                if not outcome.kept:
                    return outcome
    return Outcome(bool(tests), "" if tests else f"no test judges {clause.name}")


def judge(bench, lab, result, tell):
    """Fills in the clauses of a result."""
    tests = tests_by_clause(lab, bench.judge / f"engine/contract_{lab.stage}_test")
    lives = None  # a hundred keys come back; else the larger rows would all say the same
    for clause, entry in zip(lab.clauses, result["clauses"]):
        if clause.row:
            lives = lives or try_row(bench, "smoke")
            outcome = try_row(bench, clause.row) if lives.kept else lives
            entry["tests"] = 1
        else:
            outcome = judge_clause(bench, clause, tests[clause.name])
            entry["tests"] = len(tests[clause.name])
        entry["verdict"] = "kept" if outcome.kept else "broken"
        entry["points"] = clause.points if outcome.kept else 0
        entry["story"], entry["replay"] = outcome.story, outcome.replay
        first = report.first_broken(result)
        tell(report.line_of(entry))
        if not outcome.kept and first is entry:
            tell(report.story_of(entry))
    result["points"] = sum(entry["points"] for entry in result["clauses"])


def make_bench(options, lab, source):
    name = hashlib.sha256(str(source).encode()).hexdigest()[:8]
    work = ROOT / f"build/grade/{lab.stage}-{name}"
    work.mkdir(parents=True, exist_ok=True)
    lock = (work / "lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)  # until this process ends
    host = build_host(lab.stage, source, options.entry.split(), work)
    return Bench(host, options.judge, work, options.seed, lab.stage, source), lock


def grade(options, lab, source, tell):
    result = report.empty_result(lab, source, options.seed)
    try:
        bench, _lock = make_bench(options, lab, source)
        judge(bench, lab, result, tell)
    except BadSubmission as e:
        result["status"], result["message"] = e.kind, str(e)
    except (GraderError, OSError) as e:
        result["status"], result["message"] = "grader failed", str(e)
    if result["status"] != "graded":  # nothing that happened before counts
        result["points"] = 0
        for entry in result["clauses"]:
            entry["points"] = 0
    return result


def show_one_test(options, lab, source):
    bench, _lock = make_bench(options, lab, source)
    outcome = try_test(bench, options.only)
    print(f"{options.only} passes" if outcome.kept else outcome.story)
    return 0 if outcome.kept else 1


def show_hint(lab, result, step):
    broken = report.first_broken(result)
    hint = lab.hint(broken["clause"], step) if broken else None
    if hint:
        print(f"hint {step}: {hint}")
    elif broken:
        print(f"there is no hint {step} for {broken['clause']}")


def grade_folder(options, lab):
    sources = sorted(path for path in options.each.iterdir() if path.is_dir())
    results = []
    for i, source in enumerate(sources):
        results.append(grade(options, lab, source.resolve(), lambda line: None))
        last = results[-1]
        print(f"{i + 1}/{len(sources)} {source.name}: {last['points']} of {last['points_max']}, "
              f"{last['status']}", flush=True)
    if options.csv and results:
        report.write_csv(options.csv, results)
    if options.json:
        report.write_json(options.json, results)
    return 0 if results and all(map(report.full_marks, results)) else 1


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="./lab grade", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stage", choices=stages_with_labs())
    parser.add_argument("--src", type=Path, metavar="DIR",
                        help="the stage's folder (the lab's starter)")
    parser.add_argument("--each", type=Path, metavar="DIR", help="grade every folder in this one")
    parser.add_argument("--quick", action="store_true",
                        help="the contract's clauses alone, without the whole database")
    parser.add_argument("--seed", type=int, default=1, metavar="N",
                        help="decides what properties and traces try (1)")
    parser.add_argument("--only", metavar="TEST", help="run one test, without points")
    parser.add_argument("--hint", type=int, nargs="?", const=1, metavar="STEP",
                        help="a hint for the first clause that is broken: 1 to 3, each says more")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result to a file")
    parser.add_argument("--gradescope", type=Path, metavar="FILE",
                        help="write it as Gradescope's results.json")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="with --each: a table")
    parser.add_argument("--github", action="store_true",
                        help="print annotations for GitHub Actions, too")
    parser.add_argument("--entry", default="", help=argparse.SUPPRESS)  # from ./lab
    parser.add_argument("--judge", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.judge is None:
        parser.error("is run by ./lab grade, which builds what it needs")
    if options.src and options.each:
        parser.error("--src and --each exclude each other")
    if options.each and not options.each.is_dir():
        parser.error(f"no such folder: {options.each}")
    return options


def main():
    options = parse(sys.argv[1:])
    lab = read_lab(options.stage)
    if options.quick:
        lab.clauses = [clause for clause in lab.clauses if not clause.row]
    if options.each:
        return grade_folder(options, lab)
    source = Path(os.path.abspath(options.src or lab.folder / "starter"))
    if options.only:
        try:
            return show_one_test(options, lab, source)
        except (BadSubmission, GraderError) as e:
            print(e)
            return 1
    result = grade(options, lab, source, lambda line: print(line, flush=True))
    print(report.summary_of(result))
    if options.hint:
        show_hint(lab, result, options.hint)
    if options.github:
        print(report.annotations(result))
    if options.json:
        report.write_json(options.json, result)
    if options.gradescope:
        report.write_json(options.gradescope, report.gradescope(result))
    return 0 if report.full_marks(result) else 1


if __name__ == "__main__":
    sys.exit(main())
