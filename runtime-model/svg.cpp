#include "runtime-model/svg.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cmath>

namespace bhlint::model {

namespace {

std::string escape(llvm::StringRef text) {
  std::string out;
  for (char c : text) {
    switch (c) {
    case '&': out += "&amp;"; break;
    case '<': out += "&lt;"; break;
    case '>': out += "&gt;"; break;
    case '"': out += "&quot;"; break;
    default: out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c; break;
    }
  }
  return out;
}

/// The levels of the recorded traces, from calm to strict.
const char *colour(char level) {
  switch (level) {
  case 'H': return "#f4b6b6";
  case 'S':
  case 's': return "#f9dca4";
  case 'B':
  case 'D':
  case 'A': return "#e3d4f0";
  default: return "#cfe6d2";
  }
}

void head(llvm::raw_ostream &out, unsigned width, unsigned height, const std::string &title) {
  out << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" << width << "\" height=\"" << height << "\" viewBox=\"0 0 "
      << width << ' ' << height << "\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" "
      << "fill=\"white\"/>\n<text x=\"16\" y=\"22\" font-size=\"15\">" << escape(title) << "</text>\n";
}

constexpr unsigned laneWidth = 520, rowHeight = 22, top = 56;

void drawEvent(llvm::raw_ostream &out, const Event &event, unsigned row) {
  const unsigned x = 16 + event.cpu * (laneWidth + 12), y = top + row * rowHeight;
  out << "<rect x=\"" << x << "\" y=\"" << y << "\" width=\"" << laneWidth << "\" height=\"" << rowHeight - 3
      << "\" rx=\"3\" fill=\"" << (event.isProblem ? "#d9534f" : colour(event.level)) << "\"/>\n<text x=\"" << x + 6
      << "\" y=\"" << y + 14 << "\"" << (event.isProblem ? " fill=\"white\"" : "") << ">" << event.level;
  if (!event.task.empty())
    out << ' ' << escape(event.task);
  out << "  " << escape(event.where) << (event.where.empty() ? "" : ": ")
      << escape(llvm::StringRef(event.text).split('\n').first) << "</text>\n";
}

} // namespace

std::string timelineSvg(const System &system, const std::vector<Event> &events, const std::string &title) {
  std::string text;
  llvm::raw_string_ostream out(text);
  const auto rows = static_cast<unsigned>(events.size());
  head(out, 32 + system.cpus * (laneWidth + 12), top + rows * rowHeight + 16, title);
  for (unsigned cpu = 0; cpu < system.cpus; ++cpu)
    out << "<text x=\"" << 16 + cpu * (laneWidth + 12) << "\" y=\"46\" font-weight=\"bold\">CPU" << cpu << "</text>\n";
  unsigned row = 0;
  for (const Event &event : events)
    drawEvent(out, event, row++);
  out << "</svg>\n";
  return text;
}

namespace {

constexpr double plotWidth = 640, plotHeight = 320, left = 60, plotTop = 50;
constexpr const char *curveColours[] = {"#c62828", "#2e7d32", "#0277bd", "#f9a825", "#6a1b9a", "#455a64"};

/// Logarithmic: a tail matters as much as the middle.
double xOf(double value, double least, double most) {
  return left + plotWidth * (std::log10(value) - std::log10(least)) / (std::log10(most) - std::log10(least));
}

void drawAxes(llvm::raw_ostream &out, double least, double most) {
  for (double decade = least; decade <= most * 1.001; decade *= 10) {
    const double x = xOf(decade, least, most);
    out << "<line x1=\"" << llvm::format("%.1f", x) << "\" x2=\"" << llvm::format("%.1f", x) << "\" y1=\"" << plotTop
        << "\" y2=\"" << plotTop + plotHeight << "\" stroke=\"#ddd\"/><text x=\"" << llvm::format("%.1f", x) << "\" y=\""
        << plotTop + plotHeight + 18 << "\" text-anchor=\"middle\">" << llvm::format("%g", decade) << " us</text>\n";
  }
  for (int percent = 0; percent <= 100; percent += 25) {
    const double y = plotTop + plotHeight * (1 - percent / 100.0);
    out << "<line x1=\"" << left << "\" x2=\"" << left + plotWidth << "\" y1=\"" << y << "\" y2=\"" << y
        << "\" stroke=\"#ddd\"/><text x=\"" << left - 8 << "\" y=\"" << y + 4 << "\" text-anchor=\"end\">" << percent
        << "%</text>\n";
  }
}

void drawCurve(llvm::raw_ostream &out, const Curve &curve, unsigned index, double least, double most) {
  const char *stroke = curveColours[index % std::size(curveColours)];
  out << "<polyline fill=\"none\" stroke=\"" << stroke << "\" stroke-width=\"2\" points=\"";
  const std::size_t steps = std::min<std::size_t>(curve.samples.size(), 200);
  for (std::size_t i = 0; i < steps; ++i) {
    const std::size_t at = steps == 1 ? 0 : i * (curve.samples.size() - 1) / (steps - 1);
    const double fraction = static_cast<double>(at + 1) / static_cast<double>(curve.samples.size());
    out << llvm::format("%.1f,%.1f ", xOf(std::max(curve.samples[at], least), least, most),
                        plotTop + plotHeight * (1 - fraction));
  }
  const double y = plotTop + 18.0 * index + 14;
  out << "\"/>\n<text x=\"" << left + plotWidth + 12 << "\" y=\"" << y << "\" fill=\"" << stroke << "\">"
      << escape(curve.name) << "</text>\n";
}

} // namespace

std::string curvesSvg(const std::vector<Curve> &curves, const std::string &title) {
  double least = 1e9, most = 1e-9;
  for (const Curve &curve : curves)
    if (!curve.samples.empty()) {
      least = std::min(least, std::max(curve.samples.front(), 0.01));
      most = std::max(most, curve.samples.back());
    }
  if (least > most)
    least = 0.1, most = 1;
  least = std::pow(10, std::floor(std::log10(least)));
  most = std::max(std::pow(10, std::ceil(std::log10(most))), least * 10);
  std::string text;
  llvm::raw_string_ostream out(text);
  head(out, static_cast<unsigned>(left + plotWidth + 300), static_cast<unsigned>(plotTop + plotHeight + 40), title);
  drawAxes(out, least, most);
  unsigned index = 0;
  for (const Curve &curve : curves)
    if (!curve.samples.empty())
      drawCurve(out, curve, index++, least, most);
  out << "</svg>\n";
  return text;
}

} // namespace bhlint::model
