# bash completion for scanhost, printed by `scanhost completion bash`.
_scanhost() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} at='' words='' word
  COMPREPLY=()
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$at:$word" in
@STEPS@
    esac
  done
  case "$at:$previous" in
@VALUES@
  esac
  case "$at" in
@WORDS@
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o default -F _scanhost scanhost
