"""What a run tells: a line for each mutant, and what the whole lsm-verify finds."""

from judgement import chain, first_kill
from mutant import kills, missed

QUICK_SHARE_MIN = 0.9  # of the mutants, that lsm-verify --quick must kill; --full must kill all


def line_of(record):
    mutant = record.mutant
    if record.bad:
        return f"NO MUTANT {mutant.name}: {record.bad['text']}"
    found = ", ".join(f"{row}: {describe(mutant, result)}" for row, result in record.quick.items()
                      if result["verdict"] != "survived")
    by = missed(mutant, record.quick)
    word = "killed" if not by else "MISSED by " + ", ".join(by) + ":"
    return f"{word:9} {mutant.name}  {found or 'nothing found'}  ({record.cpu_s():.1f} CPU s)"


def describe(mutant, result):
    if result["verdict"] != "found":
        return result["verdict"]
    text = "+".join(result["clauses"]) or "no clause: " + result.get("note", "")[:80]
    if "shrunk" in result:
        text += f" after {result['work']} operations, shrunk to {result['shrunk']}"
    return text if kills(mutant, result) else "undeclared " + text


def cost_of_verdict(record, results, killer):
    """CPU seconds that lsm-verify takes up to the row that kills."""
    rows = chain(record.mutant)
    until = rows[:rows.index(killer) + 1]
    return sum(results[row]["cpu_s"] for row in until if row in results)


class Verdicts:
    """By which row the whole lsm-verify finds each mutant."""

    def __init__(self, records):
        self.quick, self.full, self.unfound, self.untried = {}, {}, [], []
        for record in records:
            name = record.mutant.name
            if row := first_kill(record.mutant, record.quick):
                self.quick[name] = row
            elif row := first_kill(record.mutant, record.full):
                self.full[name] = row
            elif all(row in record.quick for row in chain(record.mutant)):
                self.unfound.append(name)
            else:
                self.untried.append(name)
        self.count = len(records) - len(self.untried)

    def enough(self):
        return len(self.quick) >= QUICK_SHARE_MIN * self.count

    def text(self):
        lines = [f"lsm-verify --quick kills {len(self.quick)} of {self.count}"]
        if self.full:
            lines.append(f"lsm-verify --full kills {len(self.full)} more: " +
                         ", ".join(f"{name} ({row})" for name, row in self.full.items()))
        if self.unfound:
            lines.append("not killed: " + ", ".join(self.unfound))
        if self.untried:
            lines.append(f"not measured: {len(self.untried)}")
        return "\n".join(lines)
