// SPDX-License-Identifier: Apache-2.0
//
// What a server sends. Its bytes are decoded to the same replies however they are split; the handshake ends;
// in the pipeline every batch ends exactly once, with an outcome for each of its commands.
#include <fmt/format.h>

#include <map>
#include <memory_resource>
#include <optional>

#include "fuzz.hpp"
#include "store/connection/handshake.hpp"
#include "store/protocol/codec.hpp"
#include "store/protocol/pipeline.hpp"
#include "store/protocol/script.hpp"

namespace {

using namespace scanhost;
using fuzz::require;
using std::chrono::milliseconds;

// A small share of what the host takes, so that an input cannot take the fuzzer's memory.
constexpr store::reply_limits limits{std::size_t{1} << 20, 5000};
constexpr std::size_t max_input = 64 * 1024;

// --- replies however they are split

void show(const scanhost_reply& reply, std::string& text) {
  const bool has_text = reply.kind == SCANHOST_REPLY_STRING || reply.kind == SCANHOST_REPLY_STATUS ||
                        reply.kind == SCANHOST_REPLY_ERROR;
  require(reply.kind >= SCANHOST_REPLY_NIL && reply.kind <= SCANHOST_REPLY_ARRAY, "a reply has a known kind");
  require(has_text || reply.text.size == 0, "only texts have a text");
  require(reply.kind == SCANHOST_REPLY_ARRAY || reply.element_count == 0, "only arrays have elements");
  text += fmt::format("({} {} ", reply.kind, reply.integer);
  text.append(reply.text.data, reply.text.size);
  for (std::size_t i = 0; i < reply.element_count; ++i) show(reply.elements[i], text);
  text += ')';
}

// Decodes the bytes in pieces of the sizes that `size_of_next` gives.
template <class Size>
std::string decoded(std::string_view bytes, Size size_of_next) {
  store::decoder decoder(limits);
  std::pmr::monotonic_buffer_resource memory;
  std::string text;
  while (!bytes.empty()) {
    const auto piece = bytes.substr(0, size_of_next());
    bytes.remove_prefix(piece.size());
    decoder.feed(piece);
    while (!decoder.empty()) {
      const scanhost_reply* reply = nullptr;
      const auto step = decoder.next(memory, reply);
      if (step == store::decoder::step::malformed) {
        require(!decoder.problem().empty(), "malformed replies have a problem");
        return text.append("malformed: ").append(decoder.problem());
      }
      if (step == store::decoder::step::needs_more) break;
      show(*reply, text);
    }
    if (decoder.empty()) decoder.shrink();
  }
  return text + (decoder.empty() ? "end" : "more");
}

void decode_in_pieces(std::string_view bytes, std::uint64_t seed) {
  const auto whole = decoded(bytes, [] { return store::decoder::max_feed_size; });
  fuzz::sequence sizes(seed);
  const auto largest = sizes.up_to(1) == 0 ? 3 : 300;
  const auto pieces = decoded(bytes, [&] { return 1 + sizes.up_to(largest); });
  require(whole == pieces, "replies are the same however they are split", whole + "\n---\n" + pieces);
}

// --- the handshake

void greet(std::string_view bytes, std::uint64_t seed) {
  config::store_settings settings;
  if ((seed & 1U) != 0) settings.password = base::secret("a password");
  if ((seed & 2U) != 0) settings.username = "sweeper";
  if ((seed & 4U) != 0) settings.database = 3;
  store::handshake handshake(settings, "sweeper");
  store::decoder decoder(limits);
  while (!bytes.empty()) {
    const auto piece = bytes.substr(0, store::decoder::max_feed_size);
    bytes.remove_prefix(piece.size());
    decoder.feed(piece);
    const scanhost_reply* reply = nullptr;
    while (!decoder.empty() && decoder.next(handshake.memory(), reply) == store::decoder::step::reply) {
      const auto step = handshake.answered(*reply);
      if (step == store::handshake::step::failed)
        require(!handshake.failure().message.empty() && handshake.failure().outcome != SCANHOST_OUTCOME_REPLY,
                "a refused login has a reason");
      if (step == store::handshake::step::done && !handshake.server().version.empty())
        store::require_supported(handshake.server());
      if (step != store::handshake::step::continues) return;
    }
    if (!decoder.problem().empty()) return;
  }
}

// --- the pipeline

class session {
 public:
  session(std::string_view bytes, std::uint64_t seed) : bytes_(bytes), choices_(seed) {}

  void run() {
    for (std::size_t steps = 0; steps < 300 && (!bytes_.empty() || steps < 20); ++steps) take_step();
    pipeline_.closed("closed", now_);
    pipeline_.fail_waiting(SCANHOST_OUTCOME_TRANSIENT, "the end");
    deliver();
    require(pipeline_.idle() && pipeline_.in_flight() == 0, "nothing is left in a pipeline that was closed");
    for (const auto& [id, commands] : open_) require(false, "every batch ends", fmt::format("{}", id));
  }

 private:
  void take_step() {
    now_ += milliseconds(choices_.up_to(3) == 0 ? 40 : 1);
    switch (choices_.up_to(11)) {
      case 0:
      case 1:
      case 2:
        return add();
      case 3:
        if (last_ != 0) pipeline_.cancel(1 + choices_.up_to(static_cast<std::size_t>(last_)), now_);
        return deliver();
      case 4:
        return lose("the connection was lost");
      case 5:
        if (pipeline_.expire(now_, "late")) lose("silent");
        return deliver();
      default:
        if (!up_) return open();
        return receive();
    }
  }

  void add() {
    static constexpr scanhost_string get[] = {SCANHOST_TEXT("GET"), SCANHOST_TEXT("k")};
    static constexpr scanhost_string refused[] = {SCANHOST_TEXT("MULTI")};
    static const auto script = store::make_script("return 1");
    static constexpr scanhost_string keys[] = {SCANHOST_TEXT("0")};
    std::vector<scanhost_command> commands(1 + choices_.up_to(4));
    for (auto& command : commands) {
      command.struct_size = sizeof command;
      const auto kind = choices_.up_to(5);
      command.args = kind == 0 ? refused : kind < 3 ? keys : get;
      command.arg_count = kind == 0 ? 1 : kind < 3 ? 1 : 2;
      if (kind == 1 || kind == 2) command.script = script.get();
    }
    const auto number = ++batches_;
    open_.emplace(number, commands.size());
    last_ = pipeline_.add(
        commands.data(), commands.size(), sizeof commands[0],
        [this, number](std::unique_ptr<store::reply_batch> batch) { ended(number, *batch); }, now_);
    deliver();
  }

  void open() {
    up_ = true;
    decoder_.emplace(limits);
    pipeline_.opened(now_);
  }

  void lose(std::string_view reason) {
    up_ = false;
    pipeline_.closed(reason, now_);
    deliver();
  }

  void receive() {
    pipeline_.take_output();
    const auto piece = bytes_.substr(0, 1 + choices_.up_to(100));
    bytes_.remove_prefix(piece.size());
    decoder_->feed(piece);
    const scanhost_reply* reply = nullptr;
    while (!decoder_->empty()) {
      auto* memory = pipeline_.reply_memory();
      if (memory == nullptr) return lose("a reply without a request");
      const auto step = decoder_->next(*memory, reply);
      if (step == store::decoder::step::needs_more) break;
      if (step == store::decoder::step::malformed) {
        pipeline_.garbled(decoder_->problem());
        return lose("a reply that cannot be read");
      }
      pipeline_.answered(*reply, now_);
    }
    deliver();
  }

  void deliver() {
    for (auto& finished : pipeline_.take_finished()) finished.done(std::move(finished.batch));
  }

  void ended(std::uint64_t number, const store::reply_batch& batch) {
    const auto found = open_.find(number);
    require(found != open_.end(), "a batch ends once");
    const auto& raw = *batch.raw();
    require(raw.outcome_count == found->second, "each command of a batch has an outcome");
    for (std::size_t i = 0; i < raw.outcome_count; ++i) {
      const auto& outcome = raw.outcomes[i];
      require(outcome.kind >= SCANHOST_OUTCOME_REPLY && outcome.kind <= SCANHOST_OUTCOME_REFUSED,
              "an outcome has a known kind");
      require(outcome.kind != SCANHOST_OUTCOME_REPLY || outcome.reply != nullptr, "a reply is there");
      std::string text;
      if (outcome.reply != nullptr) show(*outcome.reply, text);
      text.append(outcome.message.data, outcome.message.size);
    }
    open_.erase(found);
  }

  std::string_view bytes_;
  fuzz::sequence choices_;
  base::steady_time now_{};
  store::pipeline pipeline_{{8, milliseconds(100), milliseconds(50)}};
  std::optional<store::decoder> decoder_;
  bool up_ = false;
  std::uint64_t batches_ = 0;
  store::ticket last_ = 0;
  std::map<std::uint64_t, std::size_t> open_;  // commands by batch
};

}  // namespace

// The last two bytes are the seed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input from(data, std::min(size, max_input));
  const auto seed = from.number(2);
  const auto bytes = from.rest();
  decode_in_pieces(bytes, seed);
  greet(bytes, seed);
  session(bytes, seed).run();
  return 0;
}
