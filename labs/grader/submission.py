"""A submission: a folder that somebody else wrote, made into a program that serves its stage.

The files are copied, so that nothing of ours is reached by a link in them, and compiled against what
a stage may use. Only the compiler sees them here; what comes out runs behind the wall (remote/).
"""

import os
import resource
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from course import ROOT, GraderError

GRADER = ROOT / "labs/grader"
SUPPORT = ROOT / "build/release/labs/grader/liblsm_stage_support.a"
MAX_FILES = 200
MAX_BYTES = 4 << 20
COMPILE_S = 120
COMPILER_MEMORY_BYTES = 4 << 30
FLAGS = ["-std=c++20", "-O1", "-g1", "-Wall", "-Wextra", "-DFMT_HEADER_ONLY"]


class BadSubmission(Exception):
    """What is wrong with the files, for who wrote them."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind  # "no submission", "does not compile"


def copy_files(source, target):
    """The code of a folder, into target."""
    files = [path for path in sorted(source.rglob("*"))
             if path.suffix in (".h", ".hpp", ".cc", ".cpp", ".inc")]
    if not files:
        raise BadSubmission("no submission", f"{source} has no C++ files")
    total = 0
    for path in files:
        if path.is_symlink() or not path.is_file():
            raise BadSubmission("no submission", f"{path} is no plain file")
        total += path.stat().st_size
    if len(files) > MAX_FILES or total > MAX_BYTES:
        raise BadSubmission("no submission", f"{source}: more than {MAX_FILES} files or "
                                             f"{MAX_BYTES >> 20} MiB")
    shutil.rmtree(target, ignore_errors=True)
    for path in files:
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)


def include_root(stage, folder, work):
    """As cmake/stages.cmake makes it: links to the reference, and to the folder for the stage."""
    root = work / "include"
    shutil.rmtree(root, ignore_errors=True)
    (root / "stage").mkdir(parents=True)
    for concept in (ROOT / "engine/contract").iterdir():
        other = concept.name
        (root / "stage" / other).symlink_to(folder if other == stage else ROOT / "engine" / other)
    return root


def limit_compiler():
    resource.setrlimit(resource.RLIMIT_CPU, (COMPILE_S, COMPILE_S))
    resource.setrlimit(resource.RLIMIT_AS, (COMPILER_MEMORY_BYTES, COMPILER_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run_compiler(command):
    """None, or what it complains of."""
    environment = dict(os.environ, CCACHE_BASEDIR=str(ROOT), CCACHE_NOHASHDIR="1", LC_ALL="C")
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace",
                              env=environment, timeout=2 * COMPILE_S, preexec_fn=limit_compiler,
                              stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return f"the compiler was stopped after {2 * COMPILE_S} s"
    return None if done.returncode == 0 else done.stderr or f"status {done.returncode}"


def build_host(stage, source, entry_headers, work):
    """The program with the submission's stage. BadSubmission if there is none to be had."""
    if not source.is_dir():
        raise BadSubmission("no submission", f"{source} is no folder")
    for header in entry_headers:
        if not (source / header).is_file():
            raise BadSubmission("no submission", f"{source} has no {header}, which a {stage} stage "
                                f"provides: see engine/contract/{stage}/concept.h")
    host = work / "host"
    host.unlink(missing_ok=True)
    if not SUPPORT.is_file():
        raise GraderError(f"{SUPPORT} is not built")
    copied = work / stage
    copy_files(source, copied)
    includes = [include_root(stage, copied, work), ROOT / "engine/include", ROOT / "engine", GRADER]
    compiler = (["ccache"] if shutil.which("ccache") else []) + ["g++", *FLAGS]
    compiler += [word for path in includes for word in ("-I", str(path))]
    units = [GRADER / f"remote/hosts/{stage}_host.cc"]
    units += [path for path in sorted(copied.rglob("*.c[cp]*"))
              if not path.stem.endswith(("_test", "_main"))]
    objects = [work / f"unit{i}.o" for i in range(len(units))]

    def compile_unit(pair):
        return run_compiler([*compiler, "-c", str(pair[0]), "-o", str(pair[1])])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        complaints = [c for c in pool.map(compile_unit, zip(units, objects)) if c]
    complaints = complaints or [run_compiler(
        ["g++", "-static", "-o", str(host), *map(str, objects), str(SUPPORT)])]
    if complaints[0] or not host.is_file():
        text = (complaints[0] or "no program came out").replace(str(copied), str(source))
        raise BadSubmission("does not compile", "\n".join(text.splitlines()[:40]))
    host.chmod(0o755)
    return host
