// SPDX-License-Identifier: Apache-2.0
#include "commands/given_options.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "config/option_value.hpp"
#include "config/quantity.hpp"
#include "config/secret_source.hpp"
#include "config/suggestion.hpp"

namespace scanhost::commands {
namespace {

using config::in_quotes;

base::error wrong(const std::string& name, const std::string& problem) {
  return base::fail(base::errc::usage, fmt::format("--option {}: {}", name, problem));
}

// The option that this key gives; null: there is none.
const config::option* find_by_key(const config::description& plugin, const std::string& key) {
  for (const auto& option : plugin.options)
    for (const auto& candidate : config::yaml_keys(option))
      if (candidate == key) return &option;
  return nullptr;
}

base::error unknown_key(const config::description& plugin, const std::string& key) {
  std::vector<std::string> keys;
  for (const auto& option : plugin.options) {
    if (option.secret && option.name == key)
      return wrong(
          key,
          fmt::format("secrets do not belong on a command line; use {0}_file=FILE or {0}_env=VARIABLE", key));
    for (auto& candidate : config::yaml_keys(option)) keys.push_back(std::move(candidate));
  }
  return wrong(key, "the plugin has no such option; " +
                        config::suggestion(key, keys, "the options of " + plugin.name + " are"));
}

class option_collector {
 public:
  explicit option_collector(const config::description& plugin) : plugin_(plugin) {}

  base::result<void> add(const std::string& text) {
    const auto separator = text.find('=');
    if (separator == std::string::npos) return wrong(in_quotes(text), "expected NAME=VALUE");
    const auto key = text.substr(0, separator);
    const auto value = text.substr(separator + 1);
    const auto* option = find_by_key(plugin_, key);
    if (option == nullptr) return unknown_key(plugin_, key);
    if (option->secret) return add_secret(*option, key, value);
    auto& texts = texts_[option];
    texts.push_back(value);
    if (texts.size() > 1 && option->type != config::option_type::text_list)
      return wrong(key, "is given twice; only a list takes more values");
    return {};
  }

  base::result<given_options> finish() && {
    for (auto& [option, texts] : texts_) {
      const bool is_list = option->type == config::option_type::text_list;
      auto value = is_list ? config::make_list(*option, std::move(texts))
                           : config::parse_value(*option, texts.front());
      if (!value) return wrong(option->name, value.error().reason);
      options_.values.emplace(option->name, std::move(*value));
    }
    return std::move(options_);
  }

 private:
  base::result<void> add_secret(const config::option& option, const std::string& key,
                                const std::string& source) {
    const auto secret =
        key.ends_with("_file") ? config::secret_from_file(source) : config::secret_from_environment(source);
    if (!secret) return wrong(key, secret.error().message);
    if (const auto fits = config::parse_value(option, secret->value.reveal()); !fits)
      return wrong(key, fits.error().reason);
    if (!options_.values.emplace(option.name, secret->value.reveal()).second)
      return wrong(key, "the secret is given twice");
    options_.secrets.push_back(secret->value);
    return {};
  }

  const config::description& plugin_;
  std::map<const config::option*, std::vector<std::string>> texts_;
  given_options options_;
};

}  // namespace

base::result<given_options> parse_options(const config::description& plugin,
                                          const std::vector<std::string>& texts) {
  option_collector options(plugin);
  for (const auto& text : texts)
    if (auto added = options.add(text); !added) return added.error();
  return std::move(options).finish();
}

}  // namespace scanhost::commands
