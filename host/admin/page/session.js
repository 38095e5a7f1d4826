// The token that the host asks for, if its configuration names one. The browser keeps it for this tab, until that is closed.
"use strict";
const session = { key: "scanhost token", refused: false };
const storedToken = () => sessionStorage.getItem(session.key);
// As fetch(), with the token. `refused`: the host has another one.
async function request(path, options) {
  const token = storedToken();
  const headers = { ...options.headers, ...(token ? { Authorization: "Bearer " + token } : {}) };
  const response = await fetch(path, { ...options, headers });
  session.refused = response.status === 401;
  return response;
}
const withoutToken = "This host shows itself only to those who have its token.";
const wrongToken = "The token that was entered is not that of this host.";
// `lacks`: something needs a token that this page does not have.
function showSession(lacks) {
  const stored = Boolean(storedToken());
  show(byId("enter-token"), lacks);
  show(byId("forget-token"), stored);
  put(byId("token-text"), lacks && stored ? (session.refused ? wrongToken : "The token that was entered is not an operator's.") : "");
}
function enterToken() {
  byId("token-form").reset();
  byId("token").showModal();
  byId("token-value").focus();
}
function keepToken(event) {
  event.preventDefault();
  sessionStorage.setItem(session.key, byId("token-value").value.trim());
  byId("token-form").reset();
  byId("token").close();
  location.reload();
}
function forgetToken() {
  sessionStorage.removeItem(session.key);
  location.reload();
}
function makeSession() {
  byId("enter-token").addEventListener("click", enterToken);
  byId("forget-token").addEventListener("click", forgetToken);
  byId("token-form").addEventListener("submit", keepToken);
  byId("token-cancel").addEventListener("click", () => byId("token").close());
  showSession(false);
}
