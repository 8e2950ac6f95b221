#!/usr/bin/env python3
"""Measures the harness by seeded bugs: builds each mutant, and sees what finds it.

A mutant is labs/mutants/FOLDER/NAME.patch, a header and a diff of engine/FOLDER (README.md beside
this file). All are built in one copy of the source tree, build/mutants/tree: a patch goes on, what
it touches is compiled anew, the techniques run, the patch comes off. The components that a patch
usually touches are compiled as one unit each with little optimisation, which takes a third of
the time.

A technique kills a mutant if it fails by a clause or property that the mutant's header declares,
in a build that passed the smoke test. A mutant that does not build, ends by itself, or is
stopped after TIMEOUT_S counts as not killed, and so does one that is found by another clause.
The header's "Technique:" is a claim: each technique that it names must kill the mutant.

Results stand in build/mutants/results.json; one that was made from the same sources is used again.
Exit status: 0 all claims hold, 1 one does not or a patch is no proper mutant, 2 wrong usage.
"""

import argparse
import fcntl
import fnmatch
import hashlib
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MUTANTS = ROOT / "labs/mutants"
WORK = ROOT / "build/mutants"
TREE = WORK / "tree"
BUILD = TREE / "build/release"  # where a checkout has it, so that the compiler cache knows the rest

TIMEOUT_S = 300  # for one technique; they take seconds
ONE_UNIT = "wal;memtable;bloom;sstable;version;compaction;db"  # see cmake/components.cmake
FIELDS = ("Symptom", "Scenario", "Clause", "Technique", "Source")
SUITES = "suites"  # the contract suites of a stage, or the tests beside another folder

# What a header's "Technique:" stands for: rows of lsm-verify, and the kinds of test in SUITES.
TECHNIQUES = {
    "unit": [SUITES],
    "property": [SUITES],
    "model": ["model"],
    "crash": ["crashes", "sweep"],
    "kill": ["kill"],
    "schedule": ["schedules"],
    "history": ["histories"],
    "fault": ["faults", "io-errors"],
    "damage": ["damage"],
    "fuzz": ["fuzz"],
    "exhaustive": ["exhaustive"],
    "metamorphic": ["metamorphic"],
    "data": ["unicode"],
    "peer": ["leveldb"],
}


@dataclass
class Mutant:
    path: Path
    header: dict
    files: list = field(default_factory=list)  # that the diff touches

    @property
    def folder(self):
        return self.path.parent.name

    @property
    def name(self):
        return f"{self.folder}/{self.path.stem}"

    @property
    def clauses(self):
        return re.split(r"\s*,\s*", self.header["Clause"])

    @property
    def techniques(self):
        return re.split(r"\s*,\s*", self.header["Technique"])


class BadMutant(Exception):
    """The patch is no mutant as README.md describes it."""


def read_mutant(path):
    head, _, diff = path.read_text().partition("\n\n")
    header = {}
    for line in head.splitlines():
        if line[:1].isspace() and header:
            header[last] += " " + line.strip()
        else:
            last, _, value = line.partition(":")
            header[last] = value.strip()
    mutant = Mutant(path, header)
    if tuple(header) != FIELDS or not all(header.values()):
        raise BadMutant(f"the header must have {', '.join(FIELDS)}, in this order")
    unknown = [t for t in mutant.techniques if t not in TECHNIQUES]
    if unknown:
        raise BadMutant(f"technique {unknown[0]} is none of {', '.join(TECHNIQUES)}")
    for old, new in re.findall(r"^--- (\S+).*\n\+\+\+ (\S+)", diff, re.M):
        mutant.files.append((new if old == "/dev/null" else old).partition("/")[2])
    inside = f"engine/{mutant.folder}/"
    outside = [f for f in mutant.files if not f.startswith(inside)]
    if not mutant.files or outside:
        raise BadMutant(f"the diff must touch files of {inside} alone, not {outside or 'nothing'}")
    return mutant


def apply_patch(mutant, where, *options):
    with open(mutant.path, "rb") as patch:
        done = subprocess.run(
            ["patch", "-p1", "--batch", "--forward", "--fuzz=0", "--no-backup-if-mismatch",
             *options], cwd=where, stdin=patch, capture_output=True, text=True)
    if done.returncode != 0:
        raise BadMutant("the patch does not apply:\n" + done.stdout)


def refresh_tree():
    """Makes TREE the sources of ROOT; files that did not change keep their time. Their hash."""
    digest = hashlib.sha256()
    wanted = set()
    for folder, folders, files in os.walk(ROOT):
        if Path(folder) == ROOT:
            folders[:] = [f for f in folders if f not in ("build", ".git")]
        folders.sort()
        for file in sorted(files):
            source = Path(folder, file)
            if MUTANTS in source.parents or source == ROOT / ".git":
                continue
            relative = source.relative_to(ROOT)
            contents = source.read_bytes()
            if relative.parts[0] in ("engine", "cmake", "CMakeLists.txt"):
                digest.update(f"{relative} {len(contents)}\n".encode() + contents)
            copy = TREE / relative
            wanted.add(copy)
            if not copy.is_file() or copy.read_bytes() != contents:
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(contents)
    for folder, folders, files in os.walk(TREE):
        if Path(folder) == TREE:
            folders[:] = [f for f in folders if f != "build"]
        for file in files:
            if Path(folder, file) not in wanted:
                Path(folder, file).unlink()
    return digest.hexdigest()


def restore(mutant):
    for file in mutant.files:
        if (ROOT / file).is_file():
            shutil.copyfile(ROOT / file, TREE / file)  # with a new time: it is compiled anew
        else:
            (TREE / file).unlink(missing_ok=True)


def run(command, **options):
    """Status (None: stopped after the time-out) and output of a command."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", start_new_session=True, **options) as process:
        try:
            return process.communicate(timeout=TIMEOUT_S)[0], process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            return process.communicate()[0], None


def build(*targets):
    environment = dict(os.environ, CCACHE_BASEDIR=str(TREE), CCACHE_NOHASHDIR="1")
    if not (BUILD / "build.ninja").is_file():
        output, status = run(["cmake", "--preset", "release", "-D", f"LSM_ONE_UNIT={ONE_UNIT}"],
                             cwd=TREE, env=environment)
        if status != 0:
            sys.exit(f"mutants: cmake failed:\n{output}")
    # The first build of all takes minutes: no time-out.
    done = subprocess.run(["ninja", "-C", str(BUILD), *targets], env=environment,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise BadMutant("the build fails:\n" + done.stdout[-4000:])


def known_rows():
    output, _ = run([str(BUILD / "engine/tools/lsm-verify"), "--help"])
    rows = re.search(r"--only.*?\{([^}]*)\}", output, re.S)
    return rows[1].split(",") if rows else []


def run_row(row, mutant, full):
    """One row of lsm-verify: what it says of the mutant."""
    out = WORK / "out" / (mutant.name.replace("/", "-") if mutant else "reference")
    report = out / f"{row}.json"
    out.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    environment = dict(os.environ)
    if mutant:
        patch = mutant.path.relative_to(ROOT)
        environment["LSM_REPLAY_PREFIX"] = f"./lab replay --with {mutant.folder}={patch}"
    output, status = run([str(BUILD / "engine/tools/lsm-verify"), "--only", row, "--out", str(out),
                          "--json", str(report)] + ([] if full else ["--quick"]), env=environment)
    (out / f"{row}.txt").write_text(output)
    if status is None:
        return {"verdict": "timeout"}
    if status == 0:
        return {"verdict": "survived"}
    try:
        reported = json.loads(report.read_text())["rows"]
    except (OSError, ValueError):
        return {"verdict": "died", "note": output[-500:]}
    found = next((r for r in reported if r["row"] == row and r["verdict"] == "finding"), None)
    if found is None:  # a row that this one needs failed
        return {"verdict": "survived"}
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


def clause_of_test(suite, test):
    """M_GET_x and SUITE.M_GET_x are of M-GET, IMerge.x is of I-MERGE; else the test's name."""
    named = re.match(r"([A-Z])_([A-Z]+)(_|$)", test)
    if named:
        return f"{named[1]}-{named[2]}"
    named = re.fullmatch(r"([A-Z])([A-Z][a-z]+)", suite)
    return f"{named[1]}-{named[2].upper()}" if named else f"{suite}.{test}"


def suites_of(folder):
    """The test programs that judge a folder of the engine."""
    contract = (ROOT / "engine/contract" / folder).is_dir()
    return [f"contract_{folder}_test" if contract else f"lsm_{folder}_test"]


def run_suites(mutant):
    result = {"verdict": "survived", "clauses": [], "kinds": []}
    for program in suites_of(mutant.folder):
        build(program)
        report = WORK / "out" / f"{program}.json"
        report.unlink(missing_ok=True)
        output, status = run([str(BUILD / "engine" / program), f"--gtest_output=json:{report}"],
                             env=dict(os.environ, RC_PARAMS="seed=2020"))
        if status is None:
            return {"verdict": "timeout"}
        if status == 0:
            continue
        if not report.is_file():
            return {"verdict": "died", "note": output[-500:]}
        result["verdict"] = "found"
        for suite in json.loads(report.read_text())["testsuites"]:
            for test in suite["testsuite"]:
                if "failures" not in test:
                    continue
                text = test["failures"][0]["failure"]
                result["clauses"].append(clause_of_test(suite["name"], test["name"]))
                result["kinds"].append("property" if "Falsifiable" in text else "unit")
    result["work"] = len(result["clauses"])
    result["clauses"] = sorted(set(result["clauses"]))
    result["kinds"] = sorted(set(result["kinds"]))
    return result


def try_technique(row, mutant, full):
    begin = time.time()
    result = run_suites(mutant) if row == SUITES else run_row(row, mutant, full)
    if result["verdict"] == "found":
        hit = set(result["clauses"]) & set(mutant.clauses)
        result["verdict"] = "killed" if hit else "other clause"
    result["seconds"] = round(time.time() - begin, 1)
    return result


def cpu_seconds():
    return sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


def judge(mutant, techniques, known, all_rows, full):
    """Builds the mutant and tries the techniques; of one with several rows until the first kill."""
    entry = {"rows": {}}
    begin = cpu_seconds()
    try:
        apply_patch(mutant, TREE)
        build("lsm-verify")
        entry["build_cpu_s"] = round(cpu_seconds() - begin, 1)
        smoke = run_row("smoke", mutant, full)
        if smoke["verdict"] != "survived":
            raise BadMutant(f"the smoke test finds it: {smoke}")
        for technique in techniques:
            for row in TECHNIQUES[technique]:
                if row not in known or (kills(entry, technique) and not all_rows):
                    continue
                if row not in entry["rows"]:
                    entry["rows"][row] = try_technique(row, mutant, full)
    except BadMutant as e:
        entry["bad"] = str(e)
    finally:
        restore(mutant)
    entry["cpu_s"] = round(cpu_seconds() - begin, 1)
    return entry


def kills(entry, technique):
    results = [entry["rows"][row] for row in TECHNIQUES[technique] if row in entry["rows"]]
    return any(r["verdict"] == "killed" and technique in r.get("kinds", [technique])
               for r in results)


def missed(mutant, entry, techniques):
    """Those of the techniques that the header claims and that do not kill the mutant."""
    return [t for t in techniques if t in mutant.techniques and not kills(entry, t)]


def summary(mutant, entry, techniques):
    if "bad" in entry:
        return f"NO MUTANT {mutant.name}: {entry['bad']}"
    found = ", ".join(f"{row}: {describe(result)}" for row, result in entry["rows"].items()
                      if result["verdict"] != "survived")
    by = missed(mutant, entry, techniques)
    word = "killed" if not by else "MISSED by " + ", ".join(by) + ":"
    return f"{word:9} {mutant.name}  {found or 'nothing found'}  ({entry['cpu_s']} CPU s)"


def describe(result):
    if result["verdict"] not in ("killed", "other clause"):
        return result["verdict"]
    text = "+".join(result["clauses"]) or "no clause: " + result.get("note", "")[:80]
    if "shrunk" in result:
        text += f" after {result['work']} operations, shrunk to {result['shrunk']}"
    return text if result["verdict"] == "killed" else "undeclared " + text


def cell(result):
    """Work until the kill, and the size of the shrunk trace; in brackets: by another clause."""
    if result is None or result["verdict"] == "survived":
        return ""
    if result["verdict"] not in ("killed", "other clause"):
        return result["verdict"]
    text = f"{result['work']}→{result['shrunk']}" if "shrunk" in result else str(result["work"])
    return text if result["verdict"] == "killed" else f"({text})"


def median(numbers):
    return statistics.median_low(numbers) if numbers else ""


def matrix_page(results):
    rows = list(dict.fromkeys(row for entry in results.values() for row in entry["rows"]))
    by_row = {row: [] for row in rows}  # the kills
    for entry in results.values():
        killers = [row for row in rows if entry["rows"].get(row, {}).get("verdict") == "killed"]
        for row in killers:
            by_row[row].append(dict(entry["rows"][row], alone=len(killers) == 1))
    killed = sum(any(r["verdict"] == "killed" for r in e["rows"].values())
                 for e in results.values())
    shrunk = [r["shrunk"] for kills_of in by_row.values() for r in kills_of if "shrunk" in r]
    lines = [
        "# Kill matrix", "",
        "Which technique finds which seeded bug. Written by `./lab mutants --matrix "
        "docs/kill-matrix.md`;", "what the words mean stands in "
        "[labs/mutants/README.md](../labs/mutants/README.md).", "",
        f"{killed} of {len(results)} mutants are killed. The median of the shrunk traces has "
        f"{median(shrunk)} operations.", "",
        "| technique | kills | alone | work until a kill (median) | shrunk to (median) |",
        "|---|---|---|---|---|"]
    for row in rows:
        of_row = by_row[row]
        lines.append(f"| {row} | {len(of_row)} | {sum(r['alone'] for r in of_row)} | "
                     f"{median([r['work'] for r in of_row])} | "
                     f"{median([r['shrunk'] for r in of_row if 'shrunk' in r])} |")
    lines += ["", "A cell holds the work until the kill (operations; failing tests for the "
              "suites) and, behind the arrow, the", "operations of the shrunk trace. Empty: not "
              "found. In brackets: found by a clause that the header does not declare.", "",
              "| mutant | " + " | ".join(rows) + " |", "|---" * (len(rows) + 1) + "|"]
    for name, entry in results.items():
        cells = [cell(entry["rows"].get(row)) for row in rows]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


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
    parser.add_argument("--json", metavar="FILE", help="write the results to this file, too")
    parser.add_argument("--matrix", metavar="FILE",
                        help="write the kill matrix, of every mutant and technique (--all)")
    return parser.parse_args()


def main():
    options = parse_options()
    mutants, bad = select(options)
    for complaint in bad:
        print(complaint)
    print(f"{len(mutants)} mutants apply", flush=True)
    if not mutants:
        sys.exit("mutants: none selected")
    wrong = len(bad)
    results = {}
    if not options.dry:
        WORK.mkdir(parents=True, exist_ok=True)
        lock = open(WORK / "lock", "w")  # there is one tree; held until the end
        fcntl.flock(lock, fcntl.LOCK_EX)
        state = refresh_tree()
        print("building the reference", flush=True)
        build("lsm-verify")
        results, missed_by = Judgement(options, state).run(mutants)
        wrong += missed_by
        print(f"{len(results)} mutants, {missed_by} of them not killed as their headers say")
    if options.matrix and results:
        Path(options.matrix).write_text(matrix_page(results))
    if options.json:
        Path(options.json).write_text(json.dumps(results, indent=1) + "\n")
    sys.exit(1 if wrong else 0)


class Judgement:
    """The results of this run and, from the same sources, of earlier ones."""

    def __init__(self, options, state):
        self.options = options
        self.state = state
        self.known = [SUITES, *known_rows()]
        self.all = options.all or options.matrix is not None
        self.file = WORK / "results.json"
        self.old = json.loads(self.file.read_text()) if self.file.is_file() else {}

    def techniques(self, mutant):
        if self.options.technique:
            return [self.options.technique]
        return list(TECHNIQUES) if self.all else mutant.techniques

    def key(self, mutant):
        what = [self.state, mutant.path.read_text(), str(self.techniques(mutant)),
                str(self.options.full)]
        return hashlib.sha256("\0".join(what).encode()).hexdigest()

    def run(self, mutants):
        """The results, and how many mutants are not what their headers say."""
        results, wrong = {}, 0
        for mutant in mutants:
            techniques = self.techniques(mutant)
            entry = self.old.get(mutant.name)
            if entry is None or entry["key"] != self.key(mutant):
                entry = judge(mutant, techniques, self.known, self.all, self.options.full)
                entry["key"] = self.key(mutant)
                self.old[mutant.name] = entry
                self.file.write_text(json.dumps(self.old, indent=1))
            results[mutant.name] = entry
            wrong += "bad" in entry or bool(missed(mutant, entry, techniques))
            print(summary(mutant, entry, techniques), flush=True)
        return results, wrong


if __name__ == "__main__":
    main()
