// SPDX-License-Identifier: Apache-2.0
//
// The log lines that are written while it lives, from the level info on, in place of the default logger.
#pragma once

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/log.hpp"

namespace scanhost::tests {

struct kept_line {
  std::string event;
  std::string text;
};

class kept_log {
 public:
  kept_log() : before_(spdlog::default_logger()) {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink_));
  }
  ~kept_log() { spdlog::set_default_logger(before_); }
  kept_log(const kept_log&) = delete;
  kept_log& operator=(const kept_log&) = delete;

  std::vector<kept_line> take() { return sink_->take(); }

 private:
  class sink final : public spdlog::sinks::base_sink<std::mutex> {
   public:
    std::vector<kept_line> take() {
      const std::lock_guard lock(mutex_);
      return std::exchange(lines_, {});
    }

   private:
    void sink_it_(const spdlog::details::log_msg& line) override {
      lines_.push_back(
          {std::string(base::context_of_line().event), {line.payload.data(), line.payload.size()}});
    }
    void flush_() override {}
    std::vector<kept_line> lines_;
  };

  std::shared_ptr<sink> sink_ = std::make_shared<sink>();
  std::shared_ptr<spdlog::logger> before_;
};

}  // namespace scanhost::tests
