// SPDX-License-Identifier: Apache-2.0
//
// The filter by namespace and instance tag, read for many executions in one pipeline.
#pragma once

#include <optional>
#include <scanhost/scanner.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ff {

// An execution and the partition in which its records are looked for.
struct filter_subject {
  std::string tag;
  std::string id;
};

class filter {
 public:
  // The options `namespace` and `instance_tag` (name=value, split at the first `=`); empty: not wanted.
  // Throws std::invalid_argument for an instance tag without `=`.
  explicit filter(const scanhost::services& host);
  filter(std::string wanted_namespace, std::string_view instance_tag);

  // Accepts everything, and asks nothing.
  bool accepts_all() const noexcept { return !namespace_ && !tag_; }

  // The reads for one execution, in this order, and how many they are.
  void add_reads(scanhost::batch& reads, const filter_subject& subject) const;
  // The same for another record with a namespace and tags, by the keys of these two.
  void add_reads(scanhost::batch& reads, const std::string& core, const std::string& tags,
                 const filter_subject& subject) const;
  std::size_t read_count() const noexcept { return (namespace_ ? 1u : 0u) + (tag_ ? 1u : 0u); }

  // Whether the answers to these reads let it pass: both equal, byte for byte. A failed read does not.
  bool passes(const scanhost::replies& answers, std::size_t first) const;

  // One answer for each subject. `cancelled` is set when the host ended the scan meanwhile.
  scanhost::task<std::vector<bool>> select(scanhost::scan_context& scan, std::vector<filter_subject> subjects,
                                           bool& cancelled) const;

  // The same for one execution of the scan's partition; one that cannot be read is not accepted.
  scanhost::task<bool> accepts(scanhost::scan_context& scan, const std::string& id) const;

 private:
  std::optional<std::string> namespace_;
  std::optional<std::pair<std::string, std::string>> tag_;
};

}  // namespace ff
