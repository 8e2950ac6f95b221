// The window: GLFW and OpenGL 3. Draws only when something has changed.
#pragma once

#include "app/player.h"
#include "lsm/status.h"

namespace lsm::viz {

// Until it is closed. NotSupported, with what to do instead, where there is no display.
Status ShowWindow(Player* player, int width, int height);

}  // namespace lsm::viz
