"""A lab: what it asks for, clause by clause, and with how many points.

labs/NN_STAGE/clauses holds a line a clause, in the order in which they are best built: points, name,
what it asks. A name "row:NAME" is a row of lsm-verify: the whole database on the stage.
"""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class GraderError(Exception):
    """The grader itself cannot do its work: nobody gets points, and nobody is to blame."""


@dataclass
class Clause:
    name: str
    points: int
    asks: str

    @property
    def row(self):
        """The row of lsm-verify that judges it; None: tests of the contract suite do."""
        return self.name[4:] if self.name.startswith("row:") else None


@dataclass
class Lab:
    folder: Path
    stage: str
    clauses: list

    def hint(self, clause, step):
        """The step-th hint to a clause, from 1; None if there is none."""
        text = (self.folder / "hints.md").read_text()
        section = re.search(rf"^## {re.escape(clause)}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
        steps = re.split(r"^\d+\. ", section[1], flags=re.M)[1:] if section else []
        return " ".join(steps[step - 1].split()) if step <= len(steps) else None


def stages_with_labs():
    return [folder.name[3:] for folder in sorted((ROOT / "labs").glob("[0-9][0-9]_*"))
            if (folder / "clauses").is_file()]


def read_lab(stage):
    folder = next((ROOT / "labs").glob(f"[0-9][0-9]_{stage}"))
    clauses = []
    for line in (folder / "clauses").read_text().splitlines():
        if line and not line.startswith("#"):
            points, name, asks = line.split(maxsplit=2)
            clauses.append(Clause(name, int(points), asks))
    return Lab(folder, stage, clauses)


def clauses_of_test(suite, test):
    """W_FRAME_x is of W-FRAME, M_GET_and_M_ORDER_x of both, IMerge.x of I-MERGE."""
    named = re.findall(r"(?:^|_)([A-Z])_([A-Z]{2,})(?=_|$)", test)
    named = named or re.findall(r"^([A-Z])([A-Z][a-z]+)$", suite)
    return [f"{stage}-{clause.upper()}" for stage, clause in named]


def tests_by_clause(lab, suite):
    """The tests that judge each clause. Every clause has one, every test counts for one."""
    listed = subprocess.run([suite, "--gtest_list_tests"], capture_output=True, text=True,
                            check=True).stdout
    tests = {clause.name: [] for clause in lab.clauses if not clause.row}
    group = ""
    for line in listed.splitlines():
        if re.match(r"\S+\.$", line):
            group = line
        elif line.startswith("  "):
            name = line.split()[0]
            named = clauses_of_test(group[:-1], name)
            for clause in named:
                tests.setdefault(clause, []).append(group + name)
            if not named:
                raise GraderError(f"the test {group}{name} belongs to no clause")
    stated = {clause.name for clause in lab.clauses if not clause.row}
    for clause, its in tests.items():
        if clause not in stated:
            raise GraderError(f"{lab.folder.name}/clauses has no points for {clause}")
        if not its:
            raise GraderError(f"no test judges {clause}")
    return tests
