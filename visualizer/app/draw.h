// Draws a Scene with Dear ImGui: the only place that knows colours and fonts.
#pragma once

#include <imgui.h>

#include "layout/scene.h"

namespace lsm::viz {

enum class Theme : uint8_t { kLight, kDark };

// Okabe and Ito's colours, which people with any kind of colour vision can tell apart.
ImU32 ColourOf(Ink ink, Theme theme);

// Makes ImGui's fonts for this size of ordinary text. Call before a frame; the renderer's texture
// must be made anew behind it. False without the font file: ImGui's own font is used.
bool LoadFonts(float size);

// Into the background of the current frame.
void Draw(const Scene& scene, Theme theme);

}  // namespace lsm::viz
