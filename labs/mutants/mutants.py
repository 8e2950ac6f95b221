#!/usr/bin/env python3
"""Measures the harness by seeded bugs: builds each mutant, and sees what finds it.

A mutant is labs/mutants/FOLDER/NAME.patch, a header and a diff of engine/FOLDER (README.md beside
this file).

A technique kills a mutant if it fails by a clause or property that the mutant's header declares,
in a build that passed the smoke test. A mutant that does not build, ends by itself, or is
stopped after a time-out counts as not killed, and so does one that is found by another clause.
The header's "Technique:" is a claim: each technique that it names must kill the mutant.

Results stand in build/mutants/results.json; one that was made from the same patch and the same
programs is used again.
Exit status: 0 all claims hold, 1 one does not, a patch is no proper mutant, or --verdict finds too
few; 2 wrong usage.
"""

import argparse
import fcntl
import fnmatch
import json
import queue
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True  # the sources' folder stays clean

from judgement import Judgement, Plan
from matrix import matrix_page
from mutant import TECHNIQUES, BadMutant, missed, read_mutant
from report import Verdicts, line_of
from tree import MUTANTS, ROOT, WORK, Tree, apply_patch


def select(options):
    """The mutants that the options ask for; complaints about files that are none."""
    mutants, bad = [], []
    for path in sorted(MUTANTS.glob("*/*.patch")):
        try:
            mutant = read_mutant(path)
            apply_patch(mutant, ROOT, "--dry-run")
            mutants.append(mutant)
        except BadMutant as e:
            bad.append(f"{path.relative_to(ROOT)}: {e}")
    if options.leave:
        mutants = [m for m in mutants if m.name == options.leave]
    if options.only:
        mutants = [m for m in mutants if any(fnmatch.fnmatch(m.name, p) for p in options.only)]
    if options.technique:
        mutants = [m for m in mutants if options.technique in m.techniques]
    if options.slice:
        k, n = options.slice
        mutants = mutants[k % n::n]
    return mutants, bad


def parse_slice(text):
    match = re.fullmatch(r"(\d+)/([1-9]\d*)", text)
    if not match:
        raise argparse.ArgumentTypeError("must be K/N, as in 3/10")
    return int(match[1]), int(match[2])


def parse_options():
    parser = argparse.ArgumentParser(
        prog="./lab mutants", description="Builds the mutants of labs/mutants, runs on each what "
        "should find it, and tells which survive.")
    which = parser.add_argument_group("which mutants (all)")
    which.add_argument("--only", metavar="GLOB", action="append", help="those named so, as wal/*")
    which.add_argument("--technique", choices=TECHNIQUES, metavar="NAME",
                       help=f"those that it should find: {', '.join(TECHNIQUES)}")
    which.add_argument("--slice", metavar="K/N", type=parse_slice,
                       help="every N-th, from the K-th")
    what = parser.add_argument_group("what is done with them (the techniques of their headers)")
    what.add_argument("--dry", action="store_true",
                      help="only check headers, and that the patches apply")
    what.add_argument("--verdict", action="store_true",
                      help="also the rows of lsm-verify --quick, up to the first that kills")
    what.add_argument("--full", action="store_true",
                      help="also of those that survive --verdict the rows of lsm-verify --full")
    what.add_argument("--row", action="append", choices=TECHNIQUES, default=[], metavar="NAME",
                      help="also this technique; with all of them it takes hours")
    what.add_argument("--no-claims", action="store_true", help="not the techniques of the headers")
    what.add_argument("--leave", metavar="FOLDER/NAME",
                      help="only leave build/mutants/tree with this patch, to look at a trace")
    parser.add_argument("--jobs", type=int, choices=range(1, 65), default=1, metavar="N",
                        help="mutants side by side, each in a tree of its own (1)")
    parser.add_argument("--json", metavar="FILE", help="write the results to this file, too")
    parser.add_argument("--matrix", metavar="FILE", help="write the kill matrix")
    options = parser.parse_args()
    options.verdict |= options.full
    return options


def take_work():
    """Only one run at a time may use the trees: until this one ends."""
    WORK.mkdir(parents=True, exist_ok=True)
    lock = open(WORK / "lock", "w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def leave(mutants):
    if len(mutants) != 1:
        sys.exit("mutants: --leave needs the name of one mutant, as wal/sync-only-flushes")
    tree = Tree(0)
    apply_patch(mutants[0], tree.path)
    where = tree.path.relative_to(ROOT)
    print(f"{where} holds {mutants[0].name} now: {where}/lab replay FILE")


def judge_all(judgement, trees, mutants, tell):
    """The records of the mutants, in their order; each tree takes one at a time."""
    free = queue.SimpleQueue()
    for tree in trees:
        free.put(tree)

    def judge(mutant):
        tree = free.get()
        try:
            return judgement.judge(mutant, tree)
        finally:
            free.put(tree)

    records = []
    with ThreadPoolExecutor(len(trees)) as pool:
        for record in pool.map(judge, mutants):
            tell(record)
            records.append(record)
    return records


def main():
    options = parse_options()
    mutants, bad = select(options)
    for complaint in bad:
        print(complaint)
    print(f"{len(mutants)} mutants apply", flush=True)
    if not mutants:
        sys.exit("mutants: none selected")
    if options.dry:
        sys.exit(1 if bad else 0)
    _lock = take_work()
    if options.leave:
        return leave(mutants)
    trees = [Tree(slot) for slot in range(options.jobs)]
    print("building the reference", flush=True)
    try:
        plan = Plan(not options.no_claims, options.verdict, options.full, options.row)
        judgement = Judgement(plan, trees[0])
    except BadMutant as e:
        sys.exit(f"mutants: the reference: {e}")
    records = judge_all(judgement, trees, mutants, lambda r: print(line_of(r), flush=True))
    wrong = sum(bool(r.bad or missed(r.mutant, r.quick)) for r in records)
    print(f"{len(records)} mutants, {wrong} of them not killed as their headers say")
    verdicts = Verdicts(records)
    if options.verdict:
        print(verdicts.text())
    if options.matrix:
        Path(options.matrix).write_text(matrix_page(records))
    if options.json:
        results = {r.mutant.name: r.to_json() for r in records}
        Path(options.json).write_text(json.dumps(results, indent=1) + "\n")
    sys.exit(1 if bad or wrong or (options.verdict and not verdicts.enough()) else 0)


if __name__ == "__main__":
    main()
