// The plan of this run, in memory: its sites, and which code belongs to them.
#pragma once

#include "runtime/core.h"
#include "runtime/platform/growing_array.h"
#include "runtime/protocol.h"
#include "runtime/schedule/replay.h"
#include "runtime/schedule/trail.h"

namespace deadheat::rt {

/// A stretch of code [begin, end) in this process that belongs to the sites siteIds[first .. first + count).
struct Place {
  Address begin;
  Address end;
  std::uint32_t first;
  std::uint32_t count;
};

inline constexpr std::uint32_t kNoPlace = ~0u;

/// A code range of one site, as the plan file has it but for run-time addresses. Ranges of different sites may overlap.
struct SiteRange {
  Address begin;
  Address end;
  std::uint32_t site;
};

/// Code to sites: disjoint places, sorted.
class PlaceTable {
 public:
  /// Cuts the ranges where they overlap. Cost: quadratic in the number of ranges at worst.
  void build(const SiteRange* ranges, std::size_t count);
  /// Index of the place that `code` lies in, or kNoPlace. Cost: a binary search.
  std::uint32_t find(Address code) const;
  const Place& operator[](std::uint32_t place) const { return places_[place]; }
  const std::uint32_t* sitesOf(std::uint32_t place) const { return siteIds_.begin() + places_[place].first; }
  std::size_t size() const { return places_.size(); }
  void clear();

 private:
  GrowingArray<Place> places_;
  GrowingArray<std::uint32_t> siteIds_;
};

struct Plan {
  protocol::PlanHeader header;
  GrowingArray<protocol::PlanSite> sites;
  PlaceTable places;
  protocol::PlanSchedule schedule;     ///< Of a controlled run.
  GrowingArray<Deviation> deviations;  ///< The same.
  GrowingArray<protocol::PlanFocus> focus;  ///< The same.
  GrowingArray<TrailStep> trail;            ///< The same.
};

extern Plan plan;

/// Reads the file into `plan`. Null on success, else what is wrong with it, for people.
const char* loadPlan(const char* path);
/// The same from memory, which may go away then.
const char* loadPlan(const char* bytes, std::size_t size);

}  // namespace deadheat::rt
