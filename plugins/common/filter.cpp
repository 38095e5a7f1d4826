// SPDX-License-Identifier: Apache-2.0
#include "common/filter.hpp"

#include <scanhost/bad_option.hpp>

#include "common/keys.hpp"

namespace ff {

filter::filter(const scanhost::services& host) : filter(host.text("namespace"), host.text("instance_tag")) {}

filter::filter(std::string wanted_namespace, std::string_view instance_tag) {
  if (!wanted_namespace.empty()) namespace_ = std::move(wanted_namespace);
  if (instance_tag.empty()) return;
  const auto equals = instance_tag.find('=');
  if (equals == std::string_view::npos || equals == 0)
    throw scanhost::bad_option("instance_tag", "expected name=value, for example acme.instance=i-1");
  tag_.emplace(instance_tag.substr(0, equals), instance_tag.substr(equals + 1));
}

void filter::add_reads(scanhost::batch& reads, const filter_subject& subject) const {
  const execution_keys keys(subject.tag, subject.id);
  add_reads(reads, keys.core(), keys.tags(), subject);
}

void filter::add_reads(scanhost::batch& reads, const std::string& core, const std::string& tags,
                       const filter_subject& subject) const {
  if (namespace_) reads.add("HGET", core, "namespace").route(subject.tag).about(subject.id);
  if (tag_) reads.add("HGET", tags, tag_->first).route(subject.tag).about(subject.id);
}

bool filter::passes(const scanhost::replies& answers, std::size_t first) const {
  const auto equals = [&](const std::string& expected) {
    return answers[first++].reply().optional_text() == expected;
  };
  return (!namespace_ || equals(*namespace_)) && (!tag_ || equals(tag_->second));
}

scanhost::task<std::vector<bool>> filter::select(scanhost::scan_context& scan,
                                                 std::vector<filter_subject> subjects,
                                                 bool& cancelled) const {
  std::vector<bool> passing(subjects.size(), true);
  if (accepts_all() || subjects.empty()) co_return passing;
  scanhost::batch reads;
  reads.reserve(subjects.size() * read_count());
  for (const auto& subject : subjects) add_reads(reads, subject);
  const auto answers = co_await scan.execute(std::move(reads));
  for (std::size_t i = 0; i < answers.size(); ++i) cancelled = cancelled || answers[i].cancelled();
  for (std::size_t i = 0; i < subjects.size(); ++i) passing[i] = passes(answers, i * read_count());
  co_return passing;
}

scanhost::task<bool> filter::accepts(scanhost::scan_context& scan, const std::string& id) const {
  std::vector<filter_subject> subjects;
  subjects.push_back({std::string(scan.tag()), id});
  bool cancelled = false;
  const auto passing = co_await select(scan, std::move(subjects), cancelled);
  co_return !cancelled && passing.front();
}

}  // namespace ff
