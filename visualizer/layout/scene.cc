#include "layout/scene.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lsm::viz {
namespace {

// How many characters of this size fit.
size_t Fit(float width, float size) {
  return width <= 0 ? 0 : static_cast<size_t>(width / (size * kCharWidth) + 0.01F);
}

const char* Name(Ink ink) {
  static constexpr const char* kNames[kInks] = {"none",   "paper", "panel", "text",
                                                "dim",    "table", "input", "output",
                                                "accent", "bad",   "read",  "on-colour"};
  return kNames[static_cast<size_t>(ink)];
}

}  // namespace

float TextWidth(const std::string& text, float size) {
  return static_cast<float>(text.size()) * size * kCharWidth;
}

void Scene::Arrow(float x0, float y0, float x1, float y1, Ink ink) {
  const float dx = x1 - x0, dy = y1 - y0;
  const float length = std::max(1.0F, std::sqrt(dx * dx + dy * dy));
  const float ux = dx / length, uy = dy / length, head = 9;
  Rule(x0, y0, x1, y1, ink, 2);
  Rule(x1, y1, x1 - head * (ux + uy * 0.6F), y1 - head * (uy - ux * 0.6F), ink, 2);
  Rule(x1, y1, x1 - head * (ux - uy * 0.6F), y1 - head * (uy + ux * 0.6F), ink, 2);
}

void Scene::Text(float x, float y, float max_width, float size, Ink ink, const std::string& text,
                 Align align) {
  const size_t fit = Fit(max_width, size);
  std::string shown = text;
  if (text.size() > fit) {
    if (fit < 4) return;
    shown = text.substr(0, fit - 2) + "..";
  }
  if (shown.empty()) return;
  const float room = max_width - TextWidth(shown, size);
  if (align == Align::kCentre) x += room / 2;
  if (align == Align::kRight) x += room;
  labels.push_back({x, y, size, ink, std::move(shown)});
}

int Scene::Paragraph(float x, float y, float max_width, float size, Ink ink,
                     const std::string& text, int max_lines) {
  const size_t fit = Fit(max_width, size);
  if (fit < 4) return 0;
  int count = 0;
  for (size_t begin = 0; begin < text.size() && count < max_lines; ++count) {
    size_t length = std::min(fit, text.size() - begin);
    const bool last = count + 1 == max_lines;
    if (begin + length < text.size() && !last) {
      const size_t space = text.rfind(' ', begin + length);
      if (space != std::string::npos && space > begin) length = space - begin;
    } else if (last) {
      length = text.size() - begin;  // Text cuts it
    }
    Text(x, y + static_cast<float>(count) * size * 1.25F, max_width, size, ink,
         text.substr(begin, length));
    begin += length;
    while (begin < text.size() && text[begin] == ' ') ++begin;
  }
  return count;
}

void Scene::Inside(const Box& box, float size, Ink ink, const std::string& text) {
  const float pad = size * 0.3F;
  if (box.h < size) return;
  Text(box.x + pad, box.y + (box.h - size) / 2, box.w - 2 * pad, size, ink, text, Align::kCentre);
}

std::string ToText(const Scene& scene) {
  std::string text;
  for (const Box& b : scene.boxes) {
    text += fmt::format("box {:.0f} {:.0f} {:.0f} {:.0f} {} {}{}\n", b.x, b.y, b.w, b.h,
                        Name(b.fill), Name(b.edge), b.pattern == Pattern::kHatch ? " hatch" : "");
  }
  for (const Label& l : scene.labels) {
    text +=
        fmt::format("label {:.0f} {:.0f} {:.0f} {} {}\n", l.x, l.y, l.size, Name(l.ink), l.text);
  }
  return text;
}

}  // namespace lsm::viz
