#include "app/offscreen.h"

#define GL_GLEXT_PROTOTYPES
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GL/gl.h>
#include <GL/glext.h>
#include <backends/imgui_impl_opengl3.h>
#include <fmt/format.h>

#include "testing/files.h"

#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#include <stb_image_write.h>
#pragma GCC diagnostic pop

namespace lsm::viz {
namespace {

Status Failed(const char* what) {
  return Status::NotSupported(
      fmt::format("no picture without OpenGL: {} failed (EGL error {:#x})", what, eglGetError()));
}

class EglOffscreen final : public Offscreen {
 public:
  EglOffscreen(int width, int height) : width_(width), height_(height) {}

  ~EglOffscreen() override {
    if (context_ != nullptr) {
      if (ImGui::GetCurrentContext() != nullptr) {
        ImGui_ImplOpenGL3_Shutdown();
        ImGui::DestroyContext();
      }
      eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
      eglDestroyContext(display_, context_);
    }
    if (display_ != EGL_NO_DISPLAY) eglTerminate(display_);
  }

  Status Begin(float font) {
    const auto get_display = reinterpret_cast<PFNEGLGETPLATFORMDISPLAYEXTPROC>(
        eglGetProcAddress("eglGetPlatformDisplayEXT"));
    if (get_display == nullptr) return Failed("eglGetPlatformDisplayEXT");
    display_ = get_display(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, nullptr);
    if (eglInitialize(display_, nullptr, nullptr) == EGL_FALSE) return Failed("eglInitialize");
    if (eglBindAPI(EGL_OPENGL_API) == EGL_FALSE) return Failed("eglBindAPI");
    const EGLint config_wants[] = {EGL_SURFACE_TYPE, 0, EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT,
                                   EGL_NONE};
    EGLConfig config = nullptr;
    EGLint found = 0;
    eglChooseConfig(display_, config_wants, &config, 1, &found);
    const EGLint wants[] = {EGL_CONTEXT_MAJOR_VERSION, 3, EGL_CONTEXT_MINOR_VERSION, 3, EGL_NONE};
    context_ = eglCreateContext(display_, found > 0 ? config : nullptr, EGL_NO_CONTEXT, wants);
    if (context_ == EGL_NO_CONTEXT) return Failed("eglCreateContext");
    if (eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, context_) == EGL_FALSE) {
      return Failed("eglMakeCurrent");
    }
    MakeFramebuffer();
    ImGui::CreateContext();
    ImGui::GetIO().IniFilename = nullptr;
    ImGui::GetIO().DisplaySize = ImVec2(static_cast<float>(width_), static_cast<float>(height_));
    ImGui::GetIO().DeltaTime = 1.0F / 60;
    LoadFonts(font);
    return ImGui_ImplOpenGL3_Init("#version 330") ? Status::Ok() : Failed("the renderer");
  }

  Picture Render(const Scene& scene, Theme theme) override {
    ImGui_ImplOpenGL3_NewFrame();
    ImGui::NewFrame();
    Draw(scene, theme);
    ImGui::Render();
    glViewport(0, 0, width_, height_);
    glClear(GL_COLOR_BUFFER_BIT);
    ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
    return ReadPixels(width_, height_);
  }

 private:
  void MakeFramebuffer() {
    GLuint texture = 0, framebuffer = 0;
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, width_, height_, 0, GL_RGBA, GL_UNSIGNED_BYTE,
                 nullptr);
    glGenFramebuffers(1, &framebuffer);
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture, 0);
  }

  const int width_, height_;
  EGLDisplay display_ = EGL_NO_DISPLAY;
  EGLContext context_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Offscreen>> Offscreen::Create(int width, int height, float font) {
  auto offscreen = std::make_unique<EglOffscreen>(width, height);
  LSM_RETURN_IF_ERROR(offscreen->Begin(font));
  return std::unique_ptr<Offscreen>(std::move(offscreen));
}

Picture ReadPixels(int width, int height) {
  Picture picture{width, height, {}};
  const size_t row = static_cast<size_t>(width) * 4, rows = static_cast<size_t>(height);
  std::vector<uint8_t> bottom_up(row * rows);
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, bottom_up.data());
  picture.rgba.reserve(bottom_up.size());
  for (size_t y = rows; y-- > 0;) {
    const auto begin = bottom_up.begin() + static_cast<std::ptrdiff_t>(y * row);
    picture.rgba.insert(picture.rgba.end(), begin, begin + static_cast<std::ptrdiff_t>(row));
  }
  return picture;
}

Status WritePng(const Picture& picture, const std::string& file) {
  std::string png;
  const auto append = [](void* to, void* data, int size) {
    static_cast<std::string*>(to)->append(static_cast<char*>(data), static_cast<size_t>(size));
  };
  std::vector<uint8_t> rgb;  // opaque
  for (size_t i = 0; i < picture.rgba.size(); i += 4) {
    rgb.insert(rgb.end(), {picture.rgba[i], picture.rgba[i + 1], picture.rgba[i + 2]});
  }
  stbi_write_png_to_func(append, &png, picture.width, picture.height, 3, rgb.data(),
                         picture.width * 3);
  return lab::SaveText(file, png);
}

}  // namespace lsm::viz
