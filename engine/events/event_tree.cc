#include "events/event_tree.h"

#include <fmt/format.h>

#include <tuple>

#include "base/escape.h"

namespace lsm {
namespace {

// Of an escaped key, the first characters.
std::string ShortKey(const std::string& key) {
  constexpr size_t kMostCharacters = 16;
  const std::string text = Escape(key);
  return text.size() <= kMostCharacters ? text : text.substr(0, kMostCharacters - 1) + "~";
}

bool BeginsATree(const Event& event) {
  const auto* const step = std::get_if<event::RecoveryStep>(&event);
  return step != nullptr && (step->what == "manifest" || step->what == "created");
}

}  // namespace

bool EventTree::InTreeOrder::operator()(const TableRef& a, const TableRef& b) const {
  return std::tie(a->level, b->run, a->smallest, a->file) <
         std::tie(b->level, a->run, b->smallest, b->file);
}

EventTree::Change EventTree::Apply(const Event& event) {
  Change change;
  if (BeginsATree(event)) {
    change.removed.assign(tables_.begin(), tables_.end());
    tables_.clear();
    by_file_.clear();
    return change;
  }
  const auto* const installed = std::get_if<event::VersionInstalled>(&event);
  if (installed == nullptr) return change;
  const auto remove = [&](uint64_t file) {
    const TableRef table = Find(file);
    if (table == nullptr) return;
    Erase(table);
    change.removed.push_back(table);
  };
  for (const uint64_t file : installed->removed) remove(file);
  for (const event::Table& added : installed->added) {
    remove(added.file);
    change.added.push_back(std::make_shared<const event::Table>(added));
    Insert(change.added.back());
  }
  return change;
}

void EventTree::Revert(const Change& change) {
  for (const TableRef& table : change.added) Erase(table);
  for (const TableRef& table : change.removed) Insert(table);
}

EventTree::TableRef EventTree::Find(uint64_t file) const {
  const auto found = by_file_.find(file);
  return found == by_file_.end() ? nullptr : found->second;
}

void EventTree::Insert(const TableRef& table) {
  tables_.insert(table);
  by_file_[table->file] = table;
}

void EventTree::Erase(const TableRef& table) {
  tables_.erase(table);
  by_file_.erase(table->file);
}

std::string EventTree::ToString() const {
  std::string text;
  const event::Table* last = nullptr;
  for (const TableRef& t : tables_) {
    if (last == nullptr || last->level != t->level) {
      text += fmt::format("{}L{}:", last == nullptr ? "" : "  ", t->level);
    } else if (t->level > 0 && last->run != t->run) {
      text += " |";
    }
    text += fmt::format(" {}[{}..{}]", t->file, ShortKey(t->smallest), ShortKey(t->largest));
    last = t.get();
  }
  return last == nullptr ? "empty" : text;
}

}  // namespace lsm
