#include "app/window.h"

#include <GLFW/glfw3.h>
#include <backends/imgui_impl_opengl3.h>
#include <fmt/format.h>

#include "app/offscreen.h"

namespace lsm::viz {
namespace {

Player* PlayerOf(GLFWwindow* window) {
  return static_cast<Player*>(glfwGetWindowUserPointer(window));
}

Key KeyOf(int code) {
  switch (code) {
    case GLFW_KEY_SPACE:
      return Key::kSpace;
    case GLFW_KEY_LEFT:
      return Key::kLeft;
    case GLFW_KEY_RIGHT:
      return Key::kRight;
    case GLFW_KEY_UP:
    case GLFW_KEY_PAGE_UP:
      return Key::kUp;
    case GLFW_KEY_DOWN:
    case GLFW_KEY_PAGE_DOWN:
      return Key::kDown;
    case GLFW_KEY_HOME:
      return Key::kHome;
    case GLFW_KEY_END:
      return Key::kEnd;
    case GLFW_KEY_TAB:
      return Key::kTab;
    case GLFW_KEY_ENTER:
    case GLFW_KEY_KP_ENTER:
      return Key::kEnter;
    case GLFW_KEY_ESCAPE:
      return Key::kEscape;
    case GLFW_KEY_BACKSPACE:
      return Key::kBackspace;
    default:
      return Key::kNone;
  }
}

void OnKey(GLFWwindow* window, int code, int, int action, int mods) {
  const Key key = KeyOf(code);
  if (action != GLFW_RELEASE && key != Key::kNone) {
    PlayerOf(window)->Press(key, (mods & GLFW_MOD_SHIFT) != 0);
  }
}

void OnCharacter(GLFWwindow* window, unsigned c) {
  const bool printable = c >= ' ' && c < 0x7f;
  if (printable && (c != ' ' || PlayerOf(window)->typing())) {
    PlayerOf(window)->Type(static_cast<char>(c));
  }
}

void OnMouse(GLFWwindow* window, int button, int action, int) {
  if (button != GLFW_MOUSE_BUTTON_LEFT || action != GLFW_PRESS) return;
  double x = 0, y = 0;
  glfwGetCursorPos(window, &x, &y);
  PlayerOf(window)->Click(static_cast<float>(x), static_cast<float>(y));
}

// Draws the player's picture, with fonts for its size of text.
class Painter {
 public:
  explicit Painter(GLFWwindow* window) : window_(window) {
    ImGui::CreateContext();
    ImGui::GetIO().IniFilename = nullptr;
    ImGui::GetIO().DeltaTime = 1.0F / 60;
    ImGui_ImplOpenGL3_Init("#version 330");
  }
  ~Painter() {
    ImGui_ImplOpenGL3_Shutdown();
    ImGui::DestroyContext();
  }

  void Paint(Player* player) {
    int width = 0, height = 0, pixels = 0, rows = 0;
    glfwGetWindowSize(window_, &width, &height);
    glfwGetFramebufferSize(window_, &pixels, &rows);
    if (pixels == 0 || rows == 0) return;  // minimised
    if (player->look.font != font_) {
      font_ = player->look.font;
      LoadFonts(font_);
      ImGui_ImplOpenGL3_DestroyFontsTexture();
    }
    ImGuiIO& io = ImGui::GetIO();
    io.DisplaySize = ImVec2(static_cast<float>(width), static_cast<float>(height));
    io.DisplayFramebufferScale = ImVec2(static_cast<float>(pixels) / io.DisplaySize.x,
                                        static_cast<float>(rows) / io.DisplaySize.y);
    ImGui_ImplOpenGL3_NewFrame();
    if (!io.Fonts->IsBuilt() || io.Fonts->TexID == nullptr) ImGui_ImplOpenGL3_CreateFontsTexture();
    ImGui::NewFrame();
    Draw(player->scene(), player->theme);
    ImGui::Render();
    glViewport(0, 0, pixels, rows);
    glClear(GL_COLOR_BUFFER_BIT);
    ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
    if (player->WantsPicture()) Save(player, pixels, rows);
    glfwSwapBuffers(window_);
  }

 private:
  void Save(Player* player, int width, int height) {
    const std::string file = fmt::format("lsm-viz-{:03}.png", ++pictures_);
    const Status s = WritePng(ReadPixels(width, height), file);
    player->Say(s.ok() ? "saved as " + file : s.ToString());
  }

  GLFWwindow* const window_;
  float font_ = 0;
  int pictures_ = 0;
};

Status NoDisplay() {
  const char* why = nullptr;
  glfwGetError(&why);
  return Status::NotSupported(
      fmt::format("no window can be opened here ({}): use --text for the run in words, or "
                  "--screenshot FILE.png for a picture",
                  why == nullptr ? "no display" : why));
}

}  // namespace

Status ShowWindow(Player* player, int width, int height) {
  if (glfwInit() == GLFW_FALSE) return NoDisplay();
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
  glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
  GLFWwindow* const window = glfwCreateWindow(width, height, "lsmlab", nullptr, nullptr);
  if (window == nullptr) {
    const Status s = NoDisplay();
    glfwTerminate();
    return s;
  }
  glfwMakeContextCurrent(window);
  glfwSwapInterval(1);
  glfwSetWindowUserPointer(window, player);
  glfwSetKeyCallback(window, OnKey);
  glfwSetCharCallback(window, OnCharacter);
  glfwSetMouseButtonCallback(window, OnMouse);
  glfwSetWindowRefreshCallback(window, [](GLFWwindow* w) { PlayerOf(w)->Touch(); });
  {
    Painter painter(window);
    constexpr double kIdleSeconds = 0.25, kFrameSeconds = 1.0 / 60;
    double last = glfwGetTime();
    while (glfwWindowShouldClose(window) == GLFW_FALSE && !player->quit()) {
      glfwWaitEventsTimeout(player->playing() ? kFrameSeconds : kIdleSeconds);
      glfwGetWindowSize(window, &width, &height);
      player->Resize(static_cast<float>(width), static_cast<float>(height));
      const double now = glfwGetTime();
      player->Tick(now - last);
      last = now;
      if (player->TakeChanged()) painter.Paint(player);
    }
  }
  glfwDestroyWindow(window);
  glfwTerminate();
  return Status::Ok();
}

}  // namespace lsm::viz
