# fish completion for scanhost, printed by `scanhost completion fish`.
function __scanhost_is_at
  set -l at ''
  for word in (commandline -opc)[2..]
    switch "$at:$word"
@STEPS@
    end
  end
  test "$at" = "$argv[1]"
end
@WORDS@
