#include "testing/trace_world.h"

#include <fmt/format.h>

namespace lsm::lab {
namespace {

constexpr uint64_t kMaxUnits = 1 << 20;

// What stands before the next `end` in *text, which is taken off with it.
std::string_view TakeUpTo(std::string_view* text, char end) {
  const size_t at = text->find(end);
  const std::string_view part = text->substr(0, at);
  text->remove_prefix(at == text->npos ? text->size() : at + 1);
  return part;
}

bool HasRange(const sim::IoAddress& at) { return at.begin != 0 || at.end != UINT64_MAX; }

Status ParseAddress(TraceLine* line, uint64_t least, sim::IoAddress* at) {
  // Traces of before addresses had names say io=N.
  const bool old = !line->AtEnd() && line->Peek().starts_with("io=");
  LSM_ASSIGN_OR_RETURN(const std::string_view text,
                       line->TakeBehind(old ? "io=" : "at=", "ADDRESS"));
  if (ReadAddress(text, at) && at->nth >= least && at->nth <= UINT32_MAX) return Status::Ok();
  return line->Error(fmt::format(
      "an address is a number from {} up or OPERATION:FILE:NUMBER, as sync:log:2; not '{}'", least,
      text));
}

// "0-3,7=zero": ascending, no overlap.
bool ReadUnits(std::string_view text, CrashImage* image) {
  uint64_t next = 0;
  while (!text.empty()) {
    std::string_view item = TakeUpTo(&text, ',');
    const bool has_fate = item.find('=') != item.npos;
    std::string_view indexes = TakeUpTo(&item, '=');
    const bool is_run = indexes.find('-') != indexes.npos;
    uint64_t first = 0, last = 0;
    if (!ParseNumber(TakeUpTo(&indexes, '-'), &first)) return false;
    last = first;
    if (is_run && !ParseNumber(indexes, &last)) return false;
    const auto fate = has_fate ? sim::ParseFate(item) : sim::Fate(true);
    if (first < next || last < first || last > kMaxUnits || !fate.has_value()) return false;
    if (fate->kind == sim::Fate::Kind::kOld) return false;  // what is not named
    for (uint64_t unit = first; unit <= last; ++unit) image->units.emplace_back(unit, *fate);
    next = last + 1;
  }
  return next > 0;
}

bool ReadImage(std::string_view text, CrashImage* image) {
  using Kind = CrashImage::Kind;
  if (text == "none") return true;
  if (text == "all") {
    image->kind = Kind::kAll;
    return true;
  }
  const std::string_view name = text.substr(0, text.find(':'));
  const auto profile = sim::ParseProfile(name);
  if (name == "seed" || profile.has_value()) {
    image->kind = profile.has_value() ? Kind::kProfile : Kind::kSeed;
    image->profile = profile.value_or(image->profile);
    return name.size() < text.size() && ParseNumber(text.substr(name.size() + 1), &image->seed);
  }
  image->kind = Kind::kUnits;
  return ReadUnits(text, image);
}

Status ParseImage(TraceLine* line, CrashImage* image) {
  LSM_ASSIGN_OR_RETURN(const std::string_view text, line->TakeBehind("keep=", "IMAGE"));
  if (ReadImage(text, image)) return line->Charge(image->units.size() * sizeof(image->units[0]));
  return line->Error(
      "an image is none, all, seed:N, ordered:N, weakest:N, recycled:N, "
      "no-atomic-rename:N or units as 0-3,7=zero, ascending");
}

// "log:2"
Status ParseFile(TraceLine* line, sim::FileRole* role, uint64_t* nth) {
  LSM_ASSIGN_OR_RETURN(std::string_view text, line->Take("FILE:NUMBER"));
  const auto parsed = sim::ParseFileRole(TakeUpTo(&text, ':'));
  if (!parsed.has_value() || !ParseNumber(text, nth) || *nth == 0) {
    return line->Error("expected FILE:NUMBER, as table:1");
  }
  *role = *parsed;
  return Status::Ok();
}

// Which words a kind of damage has.
bool HasBytes(sim::Damage::Kind kind) {
  return kind != sim::Damage::Kind::kFlip && kind != sim::Damage::Kind::kTruncate;
}
bool HasNumber(sim::Damage::Kind kind) {
  return kind == sim::Damage::Kind::kFlip || kind == sim::Damage::Kind::kGarbage;
}
bool HasSource(sim::Damage::Kind kind) {
  return kind == sim::Damage::Kind::kDuplicate || kind == sim::Damage::Kind::kMisdirect;
}

std::string PrintFile(sim::FileRole role, uint64_t nth) {
  return fmt::format("{}:{}", NameOf(role), nth);
}

}  // namespace

bool ReadAddress(std::string_view text, sim::IoAddress* at) {
  at->nth = 0;
  if (ParseNumber(text, &at->nth)) return true;
  const auto io = sim::ParseIoKind(TakeUpTo(&text, ':'));
  const auto file = sim::ParseFileRole(TakeUpTo(&text, ':'));
  if (!io.has_value() || !file.has_value()) return false;
  at->io = *io;
  at->file = *file;
  const bool has_range = text.find(':') != text.npos;
  if (!ParseNumber(TakeUpTo(&text, ':'), &at->nth) || at->nth == 0) return false;
  if (!has_range) return true;
  return ParseNumber(TakeUpTo(&text, '-'), &at->begin) && ParseNumber(text, &at->end) &&
         at->begin < at->end && HasRange(*at);
}

std::string PrintAddress(const sim::IoAddress& at) {
  if (at.io == sim::IoKind::kAny && at.file == sim::FileRole::kAny) return std::to_string(at.nth);
  std::string text = fmt::format("{}:{}:{}", NameOf(at.io), NameOf(at.file), at.nth);
  if (HasRange(at)) text += fmt::format(":{}-{}", at.begin, at.end);
  return text;
}

std::string PrintImage(const CrashImage& image) {
  switch (image.kind) {
    case CrashImage::Kind::kNone:
      return "none";
    case CrashImage::Kind::kAll:
      return "all";
    case CrashImage::Kind::kSeed:
      return fmt::format("seed:{}", image.seed);
    case CrashImage::Kind::kProfile:
      return fmt::format("{}:{}", NameOf(image.profile), image.seed);
    case CrashImage::Kind::kUnits:
      break;
  }
  std::string text;
  const auto& units = image.units;
  for (size_t i = 0; i < units.size();) {
    size_t last = i;
    while (last + 1 < units.size() && units[last + 1].first == units[last].first + 1 &&
           units[last + 1].second == units[i].second) {
      ++last;
    }
    if (!text.empty()) text += ',';
    text += std::to_string(units[i].first);
    if (last > i) text += "-" + std::to_string(units[last].first);
    if (!(units[i].second == sim::Fate(true))) text += "=" + units[i].second.ToString();
    i = last + 1;
  }
  return text;
}

std::string PrintCuts(const Operation& op) {
  if (op.kind == Operation::Kind::kKill) return " at=" + PrintAddress(op.cuts[0].at);
  std::string text;
  for (const CrashPoint& cut : op.cuts) {
    text += fmt::format("{} at={} keep={}", text.empty() ? "" : " again", PrintAddress(cut.at),
                        PrintImage(cut.image));
  }
  return text;
}

std::string PrintFault(const sim::Fault& fault) {
  std::string text = fmt::format(" at={} code={}", PrintAddress(fault.at),
                                 fault.code == StatusCode::kNoSpace ? "nospace" : "io");
  if (fault.effect == sim::Effect::kShort) {
    text += fmt::format(" effect=short:{}", fault.bytes);
  } else if (fault.effect != sim::Effect::kFail) {
    text += fmt::format(" effect={}", NameOf(fault.effect));
  }
  if (fault.times == 1) return text + " once";
  if (fault.times == sim::kForever) return text + " sticky";
  return text + fmt::format(" times={}", fault.times);
}

std::string PrintDamage(const FileDamage& d) {
  const std::string file = PrintFile(d.file, d.nth);
  if (d.removed) return " remove " + file;
  std::string text = fmt::format(" {} {} at={}", NameOf(d.how.kind), file, d.how.offset);
  if (HasBytes(d.how.kind)) text += fmt::format(" bytes={}", d.how.bytes);
  if (HasNumber(d.how.kind)) text += fmt::format(" number={}", d.how.number);
  if (HasSource(d.how.kind)) {
    text += fmt::format(" from {} at={}", PrintFile(d.from, d.from_nth), d.how.from_offset);
  }
  return text;
}

Status ParseCuts(TraceLine* line, Operation* op) {
  do {
    CrashPoint& cut = op->cuts.emplace_back();
    LSM_RETURN_IF_ERROR(ParseAddress(line, 0, &cut.at));
    if (op->kind == Operation::Kind::kKill) return Status::Ok();
    LSM_RETURN_IF_ERROR(ParseImage(line, &cut.image));
  } while (line->TakeIf("again"));
  return Status::Ok();
}

Status ParseFault(TraceLine* line, sim::Fault* fault) {
  LSM_RETURN_IF_ERROR(ParseAddress(line, 1, &fault->at));
  if (line->TakeIf("code=nospace")) {
    fault->code = StatusCode::kNoSpace;
  } else if (!line->TakeIf("code=io")) {
    LSM_RETURN_IF_ERROR(line->Take("code=io or code=nospace").status());
    return line->Error("expected code=io or code=nospace");
  }
  if (!line->AtEnd() && line->Peek().starts_with("effect=")) {
    LSM_ASSIGN_OR_RETURN(std::string_view text, line->TakeBehind("effect=", "EFFECT"));
    const bool has_bytes = text.find(':') != text.npos;
    const auto effect = sim::ParseEffect(TakeUpTo(&text, ':'));
    if (!effect.has_value() || has_bytes != (effect == sim::Effect::kShort) ||
        (has_bytes && !ParseNumber(text, &fault->bytes))) {
      return line->Error("an effect is fail, done, short:BYTES, keep, revert, late or lie");
    }
    fault->effect = *effect;
    if (Status s = CheckFault(*fault); !s.ok()) return line->Error(s.message());
  }
  if (line->TakeIf("once")) return Status::Ok();
  if (line->TakeIf("sticky")) {
    fault->times = sim::kForever;
    return Status::Ok();
  }
  if (!line->AtEnd() && line->Peek().starts_with("times=")) {
    return line->TakeNumber("times=", 2, UINT32_MAX, &fault->times);
  }
  LSM_RETURN_IF_ERROR(line->Take("once, times=NUMBER or sticky").status());
  return line->Error("expected once, times=NUMBER or sticky");
}

Status ParseDamage(TraceLine* line, FileDamage* d) {
  constexpr std::string_view kWanted =
      "remove, flip, garbage, zero, truncate, duplicate or misdirect";
  LSM_ASSIGN_OR_RETURN(const std::string_view word, line->Take(kWanted));
  d->removed = word == "remove";
  const auto kind = sim::ParseDamageKind(word);
  if (!d->removed && !kind.has_value()) return line->Error(fmt::format("expected {}", kWanted));
  LSM_RETURN_IF_ERROR(ParseFile(line, &d->file, &d->nth));
  if (d->removed) return Status::Ok();
  d->how.kind = *kind;
  LSM_RETURN_IF_ERROR(line->TakeNumber("at=", 0, UINT32_MAX, &d->how.offset));
  if (HasBytes(*kind)) {
    LSM_RETURN_IF_ERROR(line->TakeNumber("bytes=", 1, UINT32_MAX, &d->how.bytes));
  }
  if (HasNumber(*kind)) {
    LSM_RETURN_IF_ERROR(line->TakeNumber("number=", 0, UINT32_MAX, &d->how.number));
  }
  if (!HasSource(*kind)) return Status::Ok();
  if (!line->TakeIf("from")) {
    LSM_RETURN_IF_ERROR(line->Take("from").status());
    return line->Error("expected from");
  }
  LSM_RETURN_IF_ERROR(ParseFile(line, &d->from, &d->from_nth));
  return line->TakeNumber("at=", 0, UINT32_MAX, &d->how.from_offset);
}

}  // namespace lsm::lab
