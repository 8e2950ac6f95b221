#include "app/draw.h"

#include <algorithm>
#include <cmath>

#include "lsm/env.h"

namespace lsm::viz {
namespace {

constexpr char kFontFile[] = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf";
// Baked sizes, in parts of the ordinary text: what lies between is scaled a little.
constexpr float kBaked[] = {0.85F, 1.0F, 1.27F, 1.7F};

ImFont* FontFor(float size) {
  const ImVector<ImFont*>& fonts = ImGui::GetIO().Fonts->Fonts;
  ImFont* best = fonts[0];
  for (ImFont* font : fonts) {
    if (std::abs(font->FontSize - size) < std::abs(best->FontSize - size)) best = font;
  }
  return best;
}

void DrawBox(const Box& b, Theme theme, ImDrawList* list) {
  const ImVec2 from(b.x, b.y), to(b.right(), b.bottom());
  if (b.w <= 0 || b.h <= 0) return;
  if (b.fill != Ink::kNone) list->AddRectFilled(from, to, ColourOf(b.fill, theme));
  if (b.pattern == Pattern::kHatch) {
    list->PushClipRect(from, to, true);
    const ImU32 ink = ColourOf(Ink::kPaper, theme) & ~IM_COL32_A_MASK;
    for (float x = b.x - b.h; x < b.right(); x += 9) {
      list->AddLine(ImVec2(x, b.bottom()), ImVec2(x + b.h, b.y), ink | (90U << IM_COL32_A_SHIFT),
                    2.5F);
    }
    list->PopClipRect();
  }
  if (b.edge != Ink::kNone) {
    const float inset = b.edge_width / 2;
    list->AddRect(ImVec2(from.x + inset, from.y + inset), ImVec2(to.x - inset, to.y - inset),
                  ColourOf(b.edge, theme), 0, 0, b.edge_width);
  }
}

}  // namespace

ImU32 ColourOf(Ink ink, Theme theme) {
  struct Pair {
    ImU32 light, dark;
  };
  static constexpr Pair kColours[kInks] = {
      {0, 0},
      {IM_COL32(255, 255, 255, 255), IM_COL32(14, 17, 22, 255)},     // paper
      {IM_COL32(236, 240, 244, 255), IM_COL32(32, 38, 47, 255)},     // panel
      {IM_COL32(10, 10, 10, 255), IM_COL32(245, 245, 245, 255)},     // text
      {IM_COL32(85, 92, 100, 255), IM_COL32(168, 178, 190, 255)},    // dim
      {IM_COL32(86, 180, 233, 255), IM_COL32(86, 180, 233, 255)},    // table
      {IM_COL32(230, 159, 0, 255), IM_COL32(230, 159, 0, 255)},      // input
      {IM_COL32(20, 175, 130, 255), IM_COL32(20, 185, 138, 255)},    // output
      {IM_COL32(0, 94, 158, 255), IM_COL32(140, 205, 250, 255)},     // accent
      {IM_COL32(205, 80, 0, 255), IM_COL32(255, 125, 60, 255)},      // bad
      {IM_COL32(204, 121, 167, 255), IM_COL32(222, 140, 185, 255)},  // read
      {IM_COL32(0, 0, 0, 255), IM_COL32(0, 0, 0, 255)},              // on colour
  };
  const Pair& pair = kColours[static_cast<size_t>(ink)];
  return theme == Theme::kLight ? pair.light : pair.dark;
}

bool LoadFonts(float size) {
  ImFontAtlas* const atlas = ImGui::GetIO().Fonts;
  atlas->Clear();
  if (!Env::Default()->FileExists(kFontFile)) {
    atlas->AddFontDefault();
    return false;
  }
  for (const float part : kBaked) {
    atlas->AddFontFromFileTTF(kFontFile, std::round(size * part));
  }
  return true;
}

void Draw(const Scene& scene, Theme theme) {
  ImDrawList* const list = ImGui::GetBackgroundDrawList();
  for (const Box& box : scene.boxes) DrawBox(box, theme, list);
  for (const Line& l : scene.lines) {
    list->AddLine(ImVec2(l.x0, l.y0), ImVec2(l.x1, l.y1), ColourOf(l.ink, theme), l.width);
  }
  for (const Label& label : scene.labels) {
    list->AddText(FontFor(label.size), label.size, ImVec2(std::round(label.x), std::round(label.y)),
                  ColourOf(label.ink, theme), label.text.c_str());
  }
}

}  // namespace lsm::viz
