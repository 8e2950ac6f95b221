// The views: each a pure function from a history (at its position) to a picture. Compose() puts
// header, caption, one view and the timeline together; the rest is what it is made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "layout/scene.h"
#include "model/history.h"
#include "model/narrate.h"

namespace lsm::viz {

enum class View : uint8_t {
  kLevels,
  kCompaction,
  kMemory,
  kLookup,
  kCurves,
  kCounters,
  kEvents,
  kCounterexample,
};
inline constexpr size_t kViews = 8;
const char* ViewName(View view);  // "Levels"
const char* ViewWord(View view);  // "levels": for the command line
std::optional<View> FindView(const std::string& word);

// What is known of a run beside its events.
struct About {
  std::string source;           // a file, or "demo"
  uint64_t memtable_bytes = 0;  // 0: not known, for all of these
  uint64_t level1_bytes = 0;
  int size_ratio = 0, l0_trigger = 0, l0_stop = 0;

  // Of a trace:
  std::vector<std::string> operations;  // "c0 put k v"
  std::vector<std::string> answers;     // as far as it ran
  bool failed = false;
  size_t failed_step = 0;  // from 1 on; past the last: at the end
  std::string property, key, expected, actual;
  std::vector<std::string> lost;  // in the last power cut
  size_t divergence = 0;          // position in the history
  std::string problem;            // why the source could not be read to its end
};

struct Choice {
  View view = View::kLevels;
  uint64_t table = 0;  // file number that is chosen; 0: none
  bool help = false;
};

Scene Compose(const History& history, const About& about, const Choice& choice, const Look& look);

// --- What a picture is made of: each fills `area` ---
void LayoutLevels(const History& history, const About& about, const Choice& choice,
                  const Look& look, const Box& area, Scene* scene);
void LayoutCompaction(const History& history, const Look& look, const Box& area, Scene* scene);
void LayoutMemory(const History& history, const About& about, const Look& look, const Box& area,
                  Scene* scene);
void LayoutLookup(const History& history, const Look& look, const Box& area, Scene* scene);
void LayoutCurves(const History& history, const About& about, const Look& look, const Box& area,
                  Scene* scene);
void LayoutCounters(const History& history, const Look& look, const Box& area, Scene* scene);
void LayoutEvents(const History& history, const Look& look, const Box& area, Scene* scene);
void LayoutCounterexample(const History& history, const About& about, const Choice& choice,
                          const Look& look, const Box& area, Scene* scene);

// The colour and the letter of a kind of moment.
Ink InkOf(Kind kind);
char LetterOf(Kind kind);
// A square with the letter.
void DrawMark(Kind kind, float x, float y, float size, Scene* scene);

// A box with a title; what is left inside it.
Box Panel(const Box& area, const Look& look, const std::string& title, Scene* scene);

// Ranks the keys at which tables begin and end: x positions of equal weight for each.
class KeyScale {
 public:
  KeyScale(const std::vector<EventTree::TableRef>& tables, float left, float right);
  float Begin(const std::string& key) const;  // of a table that begins with it
  float End(const std::string& key) const;    // of one that ends with it

 private:
  std::vector<const std::string*> keys_;
  float left_, unit_;
};

// A table as a box with its number, keys and size, as far as there is room.
void DrawTable(const event::Table& table, const Box& box, Ink fill, Ink edge, Pattern pattern,
               const Look& look, Scene* scene);

}  // namespace lsm::viz
