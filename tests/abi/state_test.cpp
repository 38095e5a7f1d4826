// SPDX-License-Identifier: Apache-2.0
//
// A scanner in C++ that hands its state over, against the fake host.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "scanhost/scanner.hpp"
#include "scanhost/testing/fake_host.hpp"
#include "scanhost/testing/plugin_of.hpp"

namespace {

using namespace scanhost;
using namespace scanhost::testing;

class stateless : public scanner {
 public:
  static description describe() {
    return {
        .name = "keeper", .version = "1.0.0", .summary = "keeps a word", .families = {{.name = "single"}}};
  }
  task<result> scan(scan_context&) override { co_return result{.processed = kept.size()}; }
  std::string kept = "one";
};

class keeper : public stateless {
 public:
  static constexpr std::uint32_t state_version = 3;
  std::string export_state() const {
    if (kept == "secret") throw std::runtime_error("it stays here");
    return kept;
  }
  void import_state(std::uint32_t version, std::string_view bytes) {
    if (version != state_version) throw std::runtime_error("version " + std::to_string(version));
    kept = bytes;
  }
};

TEST(wrapper_state, goes_from_one_instance_to_the_next_byte_for_byte) {
  fake_host before(plugin_of<keeper>()), after(plugin_of<keeper>());
  ASSERT_TRUE(before.import_state(3, std::string_view("a\0b", 3)));
  const auto state = before.export_state();
  ASSERT_EQ(state, std::string("a\0b", 3));
  EXPECT_TRUE(after.import_state(3, *state));
  EXPECT_EQ(after.scan().result.processed, 3u);
}

TEST(wrapper_state, that_throws_is_an_error_with_its_message) {
  fake_host host(plugin_of<keeper>());
  EXPECT_FALSE(host.import_state(2, "two"));
  EXPECT_EQ(host.state_error(), "version 2");
  ASSERT_TRUE(host.import_state(3, "secret"));
  EXPECT_EQ(host.export_state(), std::nullopt);
  EXPECT_EQ(host.state_error(), "it stays here");
}

TEST(wrapper_state, is_offered_by_a_scanner_that_keeps_one_alone) {
  EXPECT_EQ(plugin_of<stateless>().get_extension, nullptr);
  const auto ask = plugin_of<keeper>().get_extension;
  ASSERT_NE(ask, nullptr);
  EXPECT_EQ(ask(SCANHOST_TEXT("scanhost.other/1")), nullptr);
  EXPECT_EQ(static_cast<const scanhost_state*>(ask(SCANHOST_TEXT(SCANHOST_EXT_STATE)))->version, 3u);
}

}  // namespace
