// Curves over the moments of the run: write amplification, size of the tree, runs of level 0 with
// the times at which writers waited.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "layout/views.h"

namespace lsm::viz {
namespace {

struct Curve {
  const char* title;
  std::string now;
  std::function<double(const Sample&)> value;
  std::function<std::string(double)> scale;  // how its largest value is written
  double floor = 0;                          // of the scale: a flat curve is not blown up
  std::vector<double> limits = {};           // dashed
  bool stalls = false;                       // marked at the top
};

void Draw(const History& history, const Curve& curve, const Look& look, const Box& area,
          Scene* scene) {
  const float size = look.font;
  const Box in = Panel(area, look, curve.title, scene);
  scene->Text(in.x, in.y, in.w, size, Ink::kText, curve.now);
  const Box plot{in.x, in.y + size * 1.5F, in.w, in.h - size * 1.5F};
  scene->Add({plot.x, plot.y, plot.w, plot.h, Ink::kPaper, Ink::kDim});
  const std::vector<Sample>& samples = history.samples();
  if (samples.empty() || plot.h < size) return;
  const size_t points = std::min(samples.size(), static_cast<size_t>(plot.w / 2));
  const auto at = [&](size_t p) -> const Sample& { return samples[p * samples.size() / points]; };
  double top = curve.floor;
  for (size_t p = 0; p < points; ++p) top = std::max(top, curve.value(at(p)));
  for (const double limit : curve.limits) top = std::max(top, limit * 1.1);
  if (top <= 0) top = 1;
  const auto x_of = [&](size_t p) {
    return plot.x + plot.w * static_cast<float>(p) / static_cast<float>(points);
  };
  const auto y_of = [&](double v) {
    return plot.bottom() - (plot.h - 4) * static_cast<float>(v / top) - 2;
  };
  for (size_t p = 0; p < points; ++p) {
    if (!curve.stalls || !at(p).stalled) continue;
    scene->Add({x_of(p), plot.y, std::max(2.0F, x_of(p + 1) - x_of(p)), size * 0.6F, Ink::kBad});
  }
  for (const double limit : curve.limits) {
    for (float x = plot.x; x + 6 < plot.right(); x += 12) {
      scene->Rule(x, y_of(limit), x + 6, y_of(limit), Ink::kBad, 2);
    }
  }
  for (size_t p = 1; p < points; ++p) {
    scene->Rule(x_of(p - 1), y_of(curve.value(at(p - 1))), x_of(p), y_of(curve.value(at(p))),
                Ink::kTable, 2);
  }
  scene->Text(plot.x + 4, plot.y + 2, plot.w - 8, size * 0.8F, Ink::kDim, curve.scale(top));
  const float x = plot.x + plot.w * static_cast<float>(history.position()) /
                               static_cast<float>(std::max<size_t>(1, history.size()));
  scene->Rule(x, plot.y, x, plot.bottom(), Ink::kText, 2);
}

double Amplification(const Sample& s) {
  return s.user_bytes == 0 ? 0
                           : static_cast<double>(s.bytes_out) / static_cast<double>(s.user_bytes);
}

}  // namespace

void LayoutCurves(const History& history, const About& about, const Look& look, const Box& area,
                  Scene* scene) {
  const Counters& c = history.state().counters;
  const size_t position = history.position();
  const Sample now = position == 0 ? Sample() : history.samples()[position - 1];
  const auto plain = [](double top) { return fmt::format("{:.1f}", top); };
  Curve write{"Write amplification", "n/a: nothing was written yet", Amplification, plain, 2};
  if (c.user_bytes > 0) {
    write.now = fmt::format("{:.2f} = (log {} + flushes {} + compactions {}) / written by users {}",
                            Amplification(now), Bytes(c.wal_bytes), Bytes(c.flush_bytes),
                            Bytes(c.compaction_written), Bytes(c.user_bytes));
  }
  const Curve bytes{"Size of all tables", Bytes(now.table_bytes),
                    [](const Sample& s) { return static_cast<double>(s.table_bytes); },
                    [](double top) { return Bytes(static_cast<uint64_t>(top)); }, 1};
  Curve runs{"Tables in level 0; orange at the top: writers wait",
             fmt::format("{} tables", now.l0_tables),
             [](const Sample& s) { return static_cast<double>(s.l0_tables); }, plain, 4};
  runs.stalls = true;
  if (about.l0_trigger > 0) {
    runs.limits = {static_cast<double>(about.l0_trigger), static_cast<double>(about.l0_stop)};
    runs.now +=
        fmt::format("; {} start a compaction, {} stop writers", about.l0_trigger, about.l0_stop);
  }
  const float gap = look.font * 0.4F, h = (area.h - 2 * gap) / 3;
  const Curve* const all[] = {&write, &bytes, &runs};
  float y = area.y;
  for (const Curve* curve : all) {
    Draw(history, *curve, look, {area.x, y, area.w, h}, scene);
    y += h + gap;
  }
}

}  // namespace lsm::viz
