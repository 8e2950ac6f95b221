"""The copy of the sources in which mutants are built, and the programs that judge them.

All mutants share one tree and one build directory: a patch goes on, what it touches is compiled
anew, the programs run, the patch comes off. The components that a patch usually touches are
compiled as one unit each, with little optimisation. Not for two runs at once: take_tree().
"""

import fcntl
import hashlib
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

from mutant import SUITES, BadMutant

ROOT = Path(__file__).resolve().parents[2]
MUTANTS = ROOT / "labs/mutants"
WORK = ROOT / "build/mutants"
TREE = WORK / "tree"
BUILD = TREE / "build/release"  # where a checkout has it, so that the compiler cache knows the rest
TIMEOUT_S = 1800  # for one row; rows take seconds, and watch for silence themselves
ONE_UNIT = "wal;memtable;bloom;sstable;version;compaction;db"  # see cmake/components.cmake


def take_tree():
    """Only one run at a time may use the tree: until this one ends."""
    WORK.mkdir(parents=True, exist_ok=True)
    lock = open(WORK / "lock", "w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


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
    out = WORK / "out" / mutant.name
    report = out / f"{row}.json"
    out.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    environment = dict(os.environ)
    environment["LSM_REPLAY_PREFIX"] = (
        f"./lab mutants --leave {mutant.name} && {TREE.relative_to(ROOT)}/lab replay")
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


def clauses_of_test(suite, test):
    """M_GET_x is of M-GET, M_GET_and_M_ORDER_x of both, IMerge.x of I-MERGE; else the test's name."""
    named = re.findall(r"(?:^|_)([A-Z])_([A-Z]{2,})(?=_|$)", test)
    if not named:
        named = re.findall(r"^([A-Z])([A-Z][a-z]+)$", suite)
    return [f"{stage}-{clause.upper()}" for stage, clause in named] or [f"{suite}.{test}"]


def suites_of(folder):
    """The test programs that judge a folder of the engine."""
    contract = (ROOT / "engine/contract" / folder).is_dir()
    return [f"contract_{folder}_test" if contract else f"lsm_{folder}_test"]


def run_suites(mutant):
    result = {"verdict": "survived", "clauses": [], "kinds": [], "work": 0}
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
                result["work"] += 1
                result["clauses"] += clauses_of_test(suite["name"], test["name"])
                result["kinds"].append("property" if "Falsifiable" in text else "unit")
    result["clauses"] = sorted(set(result["clauses"]))
    result["kinds"] = sorted(set(result["kinds"]))
    return result


def try_row(row, mutant, full):
    begin = time.time()
    result = run_suites(mutant) if row == SUITES else run_row(row, mutant, full)
    result["seconds"] = round(time.time() - begin, 1)
    return result


def cpu_seconds():
    return sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


def build_and_smoke(mutant, full):
    apply_patch(mutant, TREE)
    build("lsm-verify")
    smoke = run_row("smoke", mutant, full)
    if smoke["verdict"] != "survived":
        raise BadMutant(f"the smoke test finds it: {smoke}")
