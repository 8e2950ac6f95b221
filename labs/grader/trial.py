"""Trials: one test of the contract suite, or one row of lsm-verify, against a submission.

What judges are programs of ours without a line of the submission; they start the submission's
program behind the wall (remote/stage_process.h), a new one for each trial, and ask it. Whatever is
no clear success is a failure.
"""

import json
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

STAGE_BROKE = 70  # remote/stage_process.h
TRIAL_S = 300  # the wall ends a stage that hangs much sooner
SHOWN_LINES = 40
SHOWN_BYTES = 3000


@dataclass
class Outcome:
    kept: bool
    story: str = ""
    replay: str = ""  # a command that shows it again
    trace: str = ""  # file of a shrunk trace


@dataclass
class Bench:
    """What a submission is judged with."""
    host: Path
    judge: Path  # build directory of the mix with the remote stage
    work: Path
    seed: int
    stage: str
    source: Path


def run_judge(bench, name, command):
    """Its status (None: too slow), what it printed, and what the stage did."""
    said = bench.work / f"said.{name}"
    said.unlink(missing_ok=True)
    environment = dict(os.environ, LSM_STAGE_HOST=str(bench.host), LSM_STAGE_OUTPUT=str(said),
                       RC_PARAMS=f"seed={bench.seed} max_success=100",
                       LSM_REPLAY_PREFIX=f"./lab replay --with {bench.stage}={bench.source}")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=environment, start_new_session=True) as process:
        try:
            output, _ = process.communicate(timeout=TRIAL_S)
            status = process.returncode
        except subprocess.TimeoutExpired:
            output, status = b"", None
        try:
            os.killpg(process.pid, signal.SIGKILL)  # and whoever is left of its children
        except ProcessLookupError:
            pass
    words = said.read_bytes()[:SHOWN_BYTES].decode(errors="replace") if said.is_file() else ""
    said.unlink(missing_ok=True)
    return status, output.decode(errors="replace"), words


def shorten(text):
    return "\n".join(text.strip().splitlines()[:SHOWN_LINES])[:SHOWN_BYTES]


def with_words(story, words):
    """What a stage prints is quoted, never believed."""
    if not words.strip():
        return story
    return story + "\nthe stage printed:\n" + "\n".join(
        "  | " + line for line in words.strip().splitlines()[:10])


def broken_stage(output):
    """The wall's own message."""
    at = output.rfind("STAGE BROKE: ")
    return shorten(output[at + len("STAGE BROKE: "):]) if at >= 0 else "the stage broke"


def try_test(bench, test):
    """One test of the contract suite, in a process of its own."""
    report = bench.work / f"{test}.json"
    report.unlink(missing_ok=True)
    program = bench.judge / f"engine/contract_{bench.stage}_test"
    status, output, words = run_judge(
        bench, test, [program, f"--gtest_filter={test}", f"--gtest_output=json:{report}"])
    replay = (f"./lab grade {bench.stage} --src {bench.source} --seed {bench.seed} "
              f"--only {test}")
    if status is None:
        return Outcome(False, with_words(f"{test}: no verdict after {TRIAL_S} s", words), replay)
    if status == STAGE_BROKE:
        return Outcome(False, with_words(f"{test}\n{broken_stage(output)}", words), replay)
    try:
        result = json.loads(report.read_text())
        tests = [t for group in result["testsuites"] for t in group["testsuite"]]
    except (OSError, ValueError, KeyError):
        return Outcome(False, f"{test}: ended with status {status}\n{shorten(output)}", replay)
    report.unlink()
    failures = [f["failure"] for t in tests for f in t.get("failures", [])]
    if failures:
        return Outcome(False, with_words(f"{test}\n{shorten(failures[0])}", words), replay)
    ran = [t for t in tests if t.get("status") == "RUN"]
    if status != 0 or len(ran) != 1:
        return Outcome(False, f"{test}: {len(ran)} tests ran, status {status}", replay)
    return Outcome(True)


def try_row(bench, row):
    """One row of lsm-verify: the whole database on the stage."""
    report = bench.work / f"row-{row}.json"
    report.unlink(missing_ok=True)
    program = bench.judge / "engine/tools/lsm-verify"
    status, output, words = run_judge(
        bench, row, [program, "--quick", "--only", row, "--seed", str(bench.seed), "--out",
                     bench.work, "--json", report])
    try:
        found = next(r for r in json.loads(report.read_text())["rows"] if r["row"] == row)
    except (OSError, ValueError, StopIteration):
        how = "no verdict in time" if status is None else f"ended with status {status}"
        return Outcome(False, with_words(f"{row}: {how}\n{shorten(output)}", words))
    if status == 0 and found["verdict"] == "ok" and sum(found["counts"].values()) > 0:
        return Outcome(True)
    lines = [line for line in output.splitlines() if not line.startswith(f"{row} ")]
    story = found.get("story") or {}
    trace = story.get("file", "")
    replay = f"./lab replay --with {bench.stage}={bench.source} --text {trace}" if trace else ""
    return Outcome(False, with_words(shorten("\n".join(lines)), words), replay, trace)
