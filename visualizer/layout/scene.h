// Scene: a picture as plain data, boxes, lines and labels in pixels from the top left. A layout is
// a pure function to a Scene; one small function per window system draws it (app/draw.h). Colours
// are roles, so that a palette can change them, and never the only sign of what something is.
//
// Text is set in a monospaced font, so that its width is known here without one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lsm::viz {

enum class Ink : uint8_t {
  kNone,
  kPaper,  // behind everything
  kPanel,  // behind a group of things
  kText,
  kDim,       // text of less weight, frames
  kTable,     // a sorted table; memory that will become one
  kInput,     // goes into a compaction; is not durable
  kOutput,    // has just come; is durable
  kAccent,    // where we are, what is chosen
  kBad,       // an error, a divergence, a stall
  kRead,      // lookups
  kOnColour,  // text on the coloured ones
};
inline constexpr size_t kInks = 12;

enum class Pattern : uint8_t { kSolid, kHatch };

struct Box {
  float x = 0, y = 0, w = 0, h = 0;
  Ink fill = Ink::kNone, edge = Ink::kNone;
  Pattern pattern = Pattern::kSolid;
  float edge_width = 1;

  float right() const { return x + w; }
  float bottom() const { return y + h; }
};

struct Line {
  float x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  Ink ink = Ink::kDim;
  float width = 1;
};

struct Label {
  float x = 0, y = 0, size = 0;
  Ink ink = Ink::kText;
  std::string text;
};

// What a click at a place means.
struct Target {
  enum class Kind : uint8_t { kNone, kView, kMoment, kTable };
  Box area;
  Kind kind = Kind::kNone;
  uint64_t value = 0;  // index of the view, position in the history, file number
};

// How large things are, decided once for a picture.
struct Look {
  float width = 1280, height = 720;
  float font = 18;  // of ordinary text; nothing is smaller than 0.8 of it
};

// Of DejaVu Sans Mono, in parts of the line height.
inline constexpr float kCharWidth = 0.518F;
float TextWidth(const std::string& text, float size);

// A Scene under construction.
class Scene {
 public:
  std::vector<Box> boxes;
  std::vector<Line> lines;
  std::vector<Label> labels;
  std::vector<Target> targets;

  void Add(const Box& box) { boxes.push_back(box); }
  void Rule(float x0, float y0, float x1, float y1, Ink ink, float width = 1) {
    lines.push_back({x0, y0, x1, y1, ink, width});
  }
  void Arrow(float x0, float y0, float x1, float y1, Ink ink);

  enum class Align : uint8_t { kLeft, kCentre, kRight };
  // Writes one line into `max_width` pixels from x on; what does not fit is cut and ends with "..";
  // nothing at all where not even two characters would fit.
  void Text(float x, float y, float max_width, float size, Ink ink, const std::string& text,
            Align align = Align::kLeft);
  // Over several lines, at most `max_lines`; how many it took.
  int Paragraph(float x, float y, float max_width, float size, Ink ink, const std::string& text,
                int max_lines);
  // In the middle of a box, in one line.
  void Inside(const Box& box, float size, Ink ink, const std::string& text);
};

// For golden tests: a line for each thing, in whole pixels.
std::string ToText(const Scene& scene);

}  // namespace lsm::viz
