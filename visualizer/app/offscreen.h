// A picture without a display: EGL without a surface, OpenGL 3, a framebuffer object.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "app/draw.h"
#include "lsm/status.h"

namespace lsm::viz {

struct Picture {
  int width = 0, height = 0;
  std::vector<uint8_t> rgba;  // rows from the top
};

class Offscreen {
 public:
  virtual ~Offscreen() = default;
  virtual Picture Render(const Scene& scene, Theme theme) = 0;
  // NotSupported where there is no OpenGL. `font`: of ordinary text.
  static Result<std::unique_ptr<Offscreen>> Create(int width, int height, float font);
};

// What the bound framebuffer shows.
Picture ReadPixels(int width, int height);
Status WritePng(const Picture& picture, const std::string& file);

}  // namespace lsm::viz
