"""Which rows are tried on a mutant, and what they said: kept in a file, used again while patch and
programs are the same.
"""

import hashlib
import json
import threading

from mutant import ROWS, SUITES, BadMutant, kills
from trial import build_and_smoke, is_stage, try_row
from tree import ROOT, WORK, digest_of

QUICK, FULL = "quick", "full"


def chain(mutant):
    """What the whole lsm-verify tries on a mutant, in its order."""
    return [SUITES, *ROWS]


def first_kill(mutant, results):
    """The row by which the whole lsm-verify finds the mutant first; None if none was tried."""
    return next((r for r in chain(mutant) if r in results and kills(mutant, results[r])), None)


class Record:
    """What is known of one mutant."""

    def __init__(self, mutant, stored):
        self.mutant = mutant
        self.quick = stored.get(QUICK, {})
        self.full = stored.get(FULL, {})
        self.bad = stored.get("bad")
        self.build_cpu_s = stored.get("build_cpu_s", 0)

    def of(self, effort):
        return self.quick if effort == QUICK else self.full

    def to_json(self):
        return {QUICK: self.quick, FULL: self.full, "bad": self.bad,
                "build_cpu_s": round(self.build_cpu_s, 1)}

    def cpu_s(self):
        spent = [*self.quick.values(), *self.full.values()]
        return self.build_cpu_s + sum(result["cpu_s"] for result in spent)


class Plan:
    """What is wanted of each mutant: `claims`, the techniques of its header; `verdict`, the rows of
    the whole lsm-verify --quick up to the first that kills; `full`, of those that survive it the
    same with --full; and `rows`, whatever comes of it.
    """

    def __init__(self, claims=True, verdict=False, full=False, rows=()):
        self.claims, self.verdict, self.full, self.rows = claims, verdict, full, rows

    def next(self, record):
        """The next effort and row, or None."""
        wanted = [*(record.mutant.techniques if self.claims else ()), *self.rows]
        for row in wanted:
            if row not in record.quick:
                return QUICK, row
        for effort, asked in ((QUICK, self.verdict), (FULL, self.full)):
            if not asked:
                return None
            for row in chain(record.mutant):
                if row not in record.of(effort):
                    return effort, row
                if kills(record.mutant, record.of(effort)[row]):
                    return None
        return None


class Judgement:
    def __init__(self, plan, reference):
        """Builds the reference, whose hash tells which results still hold."""
        self.plan = plan
        self.file = WORK / "results.json"
        self.stored = json.loads(self.file.read_text()) if self.file.is_file() else {}
        self.lock = threading.Lock()
        reference.build("lsm-verify")
        self.digest = digest_of(reference.path, reference.program("tools/lsm-verify"),
                                reference.path / "crash_tests")

    def record(self, mutant):
        """With the results that still hold."""
        record = Record(mutant, self.stored.get(mutant.name, {}))
        for results in (record.quick, record.full):
            for row in list(results):
                if results[row]["key"] != self.key(mutant, row):
                    del results[row]
        if record.bad and record.bad["key"] != self.key(mutant, "smoke"):
            record.bad = None
        if not record.quick:
            record.build_cpu_s = 0
        return record

    def key(self, mutant, row):
        what = [mutant.diff, self.digest]
        if row == SUITES:
            tests = ROOT / "engine" / ("contract" if is_stage(mutant.folder) else "")
            what.append(digest_of(ROOT, tests / mutant.folder))
        return hashlib.sha256("\0".join(what).encode()).hexdigest()[:16]

    def judge(self, mutant, tree):
        """Tries what the plan still wants, in this tree."""
        record = self.record(mutant)
        step = self.plan.next(record)
        if step is None or record.bad:
            return record
        before = tree.cpu_s
        try:
            build_and_smoke(tree, mutant)
            record.build_cpu_s += tree.cpu_s - before
            while step is not None:
                effort, row = step
                result = try_row(tree, row, mutant, effort)
                record.of(effort)[row] = dict(result, key=self.key(mutant, row))
                step = self.plan.next(record)
        except BadMutant as e:
            record.bad = {"key": self.key(mutant, "smoke"), "text": str(e)}
        finally:
            tree.restore(mutant)
        self._keep(record)
        return record

    def _keep(self, record):
        with self.lock:  # mutants are judged side by side
            self.stored[record.mutant.name] = record.to_json()
            self.file.write_text(json.dumps(self.stored, indent=1))
