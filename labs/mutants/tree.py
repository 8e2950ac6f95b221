"""A copy of the sources in which mutants are built, one after the other.

A patch goes on, what it touches is compiled anew, the programs run, the patch comes off. For a
patch of a header, which many files include, there is a second build, in which each component is one
unit with little optimisation. Runs side by side have a tree each.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

from mutant import BadMutant

ROOT = Path(__file__).resolve().parents[2]
MUTANTS = ROOT / "labs/mutants"
WORK = ROOT / "build/mutants"
TIMEOUT_S = 1800  # for one program; rows take seconds, and watch for silence themselves
ONE_UNIT = "wal;memtable;bloom;sstable;version;compaction;db"  # see cmake/components.cmake


def apply_patch(mutant, where, *options):
    done = subprocess.run(
        ["patch", "-p1", "--batch", "--forward", "--fuzz=0", "--no-backup-if-mismatch", *options],
        cwd=where, input=mutant.diff, capture_output=True, text=True)
    if done.returncode != 0:
        raise BadMutant("the patch does not apply:\n" + done.stdout)


def digest_of(base, *paths):
    """Of files and folders below base."""
    digest = hashlib.sha256()
    for path in paths:
        files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
        for file in files:
            digest.update(f"{file.relative_to(base)}\n".encode() + file.read_bytes())
    return digest.hexdigest()


class Ended:
    """A program that ran: its output, its status (None: stopped after the time-out), its cost."""

    def __init__(self, command, **options):
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              start_new_session=True, **options) as process:
            late = threading.Timer(TIMEOUT_S, os.killpg, (process.pid, signal.SIGKILL))
            late.start()
            self.output = process.stdout.read().decode(errors="replace")
            _, status, usage = os.wait4(process.pid, 0)
            late.cancel()
            # Popen must not wait for it again.
            process.returncode = os.waitstatus_to_exitcode(status)
        self.status = None if process.returncode == -signal.SIGKILL else process.returncode
        self.cpu_s = usage.ru_utime + usage.ru_stime  # with all that it waited for


class Tree:
    """The tree of a slot. cpu_s adds up what was spent in it."""

    def __init__(self, slot):
        self.path = WORK / ("tree" if slot == 0 else f"tree-{slot}")
        self.out = WORK / "out"
        self.cpu_s = 0
        self._refresh()
        self.use(one_unit=False)

    def use(self, one_unit):
        """Chooses the build; build/release is where a checkout has it."""
        self.build_path = self.path / ("build/one_unit" if one_unit else "build/release")
        self.configure = ["cmake", "--preset", "release", "-B", self.build_path]
        self.configure += ["-D", f"LSM_ONE_UNIT={ONE_UNIT}"] if one_unit else []

    def program(self, name):
        return self.build_path / "engine" / name

    def run(self, command, **variables):
        done = Ended([str(word) for word in command], cwd=self.path,
                     env=dict(os.environ, **variables))
        self.cpu_s += done.cpu_s
        return done

    def build(self, *targets):
        environment = {"CCACHE_BASEDIR": str(self.path), "CCACHE_NOHASHDIR": "1"}
        if not (self.build_path / "build.ninja").is_file():
            done = self.run(self.configure, **environment)
            if done.status != 0:
                sys.exit(f"mutants: cmake failed:\n{done.output}")
        done = self.run(["ninja", "-C", self.build_path, *targets], **environment)
        if done.status != 0:
            raise BadMutant("the build fails:\n" + done.output[-4000:])

    def restore(self, mutant):
        for file in mutant.files:
            if (ROOT / file).is_file():
                shutil.copyfile(ROOT / file, self.path / file)  # with a new time: compiled anew
            else:
                (self.path / file).unlink(missing_ok=True)

    def _refresh(self):
        """Makes the tree the sources of ROOT; files that did not change keep their time."""
        wanted = set()
        for folder, folders, files in os.walk(ROOT):
            if Path(folder) == ROOT:
                folders[:] = [f for f in folders if f not in ("build", ".git")]
            for file in files:
                source = Path(folder, file)
                if MUTANTS in source.parents or source == ROOT / ".git":
                    continue
                copy = self.path / source.relative_to(ROOT)
                wanted.add(copy)
                contents = source.read_bytes()
                if not copy.is_file() or copy.read_bytes() != contents:
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    copy.write_bytes(contents)
        for folder, folders, files in os.walk(self.path):
            if Path(folder) == self.path:
                folders[:] = [f for f in folders if f != "build"]
            for file in files:
                if Path(folder, file) not in wanted:
                    Path(folder, file).unlink()
