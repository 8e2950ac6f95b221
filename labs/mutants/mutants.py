#!/usr/bin/env python3
"""Measures the harness by seeded bugs: builds each mutant, and sees what finds it.

A mutant is labs/mutants/FOLDER/NAME.patch, a header and a diff of engine/FOLDER (README.md beside
this file).

A technique kills a mutant if it fails by a clause or property that the mutant's header declares,
in a build that passed the smoke test. A mutant that does not build, ends by itself, or is
stopped after a time-out counts as not killed, and so does one that is found by another clause.
The header's "Technique:" is a claim: each technique that it names must kill the mutant.

Results stand in build/mutants/results.json; one that was made from the same sources is used again.
Exit status: 0 all claims hold, 1 one does not or a patch is no proper mutant, 2 wrong usage.
"""

import argparse
import fnmatch
import hashlib
import json
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True  # the sources' folder stays clean

from mutant import SUITES, TECHNIQUES, BadMutant, killed_by, missed, read_mutant
from report import matrix_page, summary
from tree import (MUTANTS, ROOT, TREE, WORK, apply_patch, build, build_and_smoke, cpu_seconds,
                  known_rows, refresh_tree, restore, take_tree, try_row)

CHEAP = ("model", "crashes", "schedules", "faults", "damage")  # rows of a second or less


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
    parser.add_argument("--dry", action="store_true",
                        help="only check headers, and that the patches apply")
    parser.add_argument("--only", metavar="GLOB", action="append", help="those named so, as wal/*")
    parser.add_argument("--technique", choices=TECHNIQUES, help="those that it should find, by it")
    parser.add_argument("--slice", metavar="K/N", type=parse_slice, help="every N-th, from the K-th")
    parser.add_argument("--full", action="store_true", help="full runs of lsm-verify, not --quick")
    parser.add_argument("--all", action="store_true",
                        help="try every technique on every mutant, not only those of its header")
    parser.add_argument("--leave", metavar="FOLDER/NAME",
                        help="only leave build/mutants/tree with this patch, to look at a trace")
    parser.add_argument("--cheap", action="store_true",
                        help=f"try {', '.join(CHEAP)} on every mutant, too")
    parser.add_argument("--json", metavar="FILE", help="write the results to this file, too")
    parser.add_argument("--matrix", metavar="FILE",
                        help="write the kill matrix; with --cheap or --all for all techniques")
    return parser.parse_args()


class Judgement:
    """Results by mutant, kept in a file: what earlier runs found in the same sources stands."""

    def __init__(self, options):
        self.options = options
        self.state = refresh_tree()
        print("building the reference", flush=True)
        try:
            build("lsm-verify")
        except BadMutant as e:
            sys.exit(f"mutants: the reference: {e}")
        self.known = [SUITES, *known_rows()]
        self.all = options.all
        self.file = WORK / "results.json"
        self.entries = json.loads(self.file.read_text()) if self.file.is_file() else {}

    def techniques(self, mutant):
        wanted = list(TECHNIQUES) if self.all else mutant.techniques
        if self.options.technique:
            wanted = [self.options.technique]
        return [t for t in wanted if any(row in self.known for row in TECHNIQUES[t])]

    def next_row(self, mutant, entry):
        """What is still to be tried: of a technique with several rows only until a kill."""
        for technique in self.techniques(mutant):
            for row in TECHNIQUES[technique]:
                done = killed_by(mutant, entry, technique) and not self.all
                if row in self.known and row not in entry["rows"] and not done:
                    return row
        cheap = CHEAP if self.options.cheap else ()
        return next((row for row in cheap if row not in entry["rows"]), None)

    def judge(self, mutant, entry):
        begin = cpu_seconds()
        try:
            row = self.next_row(mutant, entry)
            if row is None:
                return
            build_and_smoke(mutant, self.options.full)
            while row is not None:
                entry["rows"][row] = try_row(row, mutant, self.options.full)
                row = self.next_row(mutant, entry)
        except BadMutant as e:
            entry["bad"] = str(e)
        finally:
            restore(mutant)
        entry["cpu_s"] = round(entry["cpu_s"] + cpu_seconds() - begin, 1)

    def run(self, mutants):
        """The results, and how many mutants are not what their headers say."""
        wrong = 0
        for mutant in mutants:
            what = [self.state, mutant.diff, str(self.options.full)]
            key = hashlib.sha256("\0".join(what).encode()).hexdigest()
            entry = self.entries.get(mutant.name)
            if entry is None or entry["key"] != key or "bad" in entry:
                entry = {"key": key, "rows": {}, "cpu_s": 0}
            self.judge(mutant, entry)
            self.entries[mutant.name] = entry
            self.file.write_text(json.dumps(self.entries, indent=1))
            techniques = self.techniques(mutant)
            wrong += "bad" in entry or bool(missed(mutant, entry, techniques))
            print(summary(mutant, entry, techniques), flush=True)
        return {mutant.name: self.entries[mutant.name] for mutant in mutants}, wrong


def leave(mutants):
    if len(mutants) != 1:
        sys.exit("mutants: --leave needs the name of one mutant, as wal/sync-only-flushes")
    refresh_tree()
    apply_patch(mutants[0], TREE)
    tree = TREE.relative_to(ROOT)
    print(f"{tree} holds {mutants[0].name} now: {tree}/lab replay FILE")


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
    _lock = take_tree()
    if options.leave:
        return leave(mutants)
    results, missed_by = Judgement(options).run(mutants)
    print(f"{len(results)} mutants, {missed_by} of them not killed as their headers say")
    if options.matrix:
        Path(options.matrix).write_text(matrix_page(mutants, results))
    if options.json:
        Path(options.json).write_text(json.dumps(results, indent=1) + "\n")
    sys.exit(1 if bad or missed_by else 0)


if __name__ == "__main__":
    main()
