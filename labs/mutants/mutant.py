"""A mutant, as its patch file says it is, and what counts as a kill. README.md has the format."""

import re
from dataclasses import dataclass, field
from pathlib import Path

FIELDS = ("Symptom", "Scenario", "Clause", "Technique", "Source")
SUITES = "suites"  # the contract suites of a stage, or the tests beside another folder
# The rows of lsm-verify that can find a mutant, in the order in which it runs them. Its row
# `contracts` runs the suites of the stages and `units` other tests: SUITES stands for them.
ROWS = ("model", "crashes", "schedules", "faults", "histories", "damaged", "threads", "sweep",
        "io-errors", "exhaustive", "metamorphic", "kill", "damage", "fuzz", "unicode", "leveldb",
        "determinism")
TECHNIQUES = (SUITES, *ROWS)
# What a header may say, too.
SYNONYMS = {"unit": SUITES, "property": SUITES, "crash": "crashes", "schedule": "schedules",
            "fault": "faults", "history": "histories"}


@dataclass
class Mutant:
    path: Path
    header: dict
    diff: str
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
        said = re.split(r"\s*,\s*", self.header["Technique"])
        return list(dict.fromkeys(SYNONYMS.get(name, name) for name in said))


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
    mutant = Mutant(path, header, diff)
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


def kills(mutant, result):
    return result["verdict"] == "found" and bool(set(result["clauses"]) & set(mutant.clauses))


def missed(mutant, results):
    """The techniques that the header claims, that were tried, and that do not kill the mutant."""
    return [t for t in mutant.techniques if t in results and not kills(mutant, results[t])]
