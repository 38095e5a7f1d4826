#!lua name=flowfabric
-- scanhost functions: flowfabric 34-scanhost.2
--
-- The state changes that the bundled scanners ask for, each of them atomic because a server runs
-- one function at a time. The records, indexes, replies and aborts are those of the engine whose
-- data this is, at its library 34; the data of earlier libraries, from 12 on, is served as well. A
-- scanner cannot tell this library from the engine's own.
--
-- Three rules hold in every function:
--   * It reads only the fields that it needs. HMGET answers false for an absent field and '' for an
--     empty one, and the two mean different things: a default applies to an absent field alone.
--     "Set" means present and not empty.
--   * It checks everything that can stop it before its first write. A value that is no number, or
--     an argument that is missing, therefore leaves the data as it was.
--   * Every key is named by the caller or repeats the hash tag of the first one, so that all keys
--     of a call lie in one cluster slot.

local VERSION = '34-scanhost.2'
local COMPLETIONS = 'ff:dag:completions'

-- About how many lease events are kept. The server trims whole nodes, which costs next to nothing.
local HISTORY_LENGTH = '1000'

-- A script can pass only so many arguments to one command (unpack gives up below 8000).
local FIELDS_PER_HSET = 1000

-- While a library loads, the server lets it see nothing but register_function. What the functions
-- use all the time is therefore fetched by the first one that is called.
local function from_server()
  return redis.call, tonumber, string.find, string.format
end
local call, tonumber, find, format
local running  -- the name of the function that runs, for the text of an abort

local function define(name, body)
  redis.register_function(name, function(keys, args)
    if not call then
      call, tonumber, find, format = from_server()
    end
    running = name
    return body(keys, args)
  end)
end

----------------------------------------------------------------------------------------------------
-- Replies, aborts, numbers, time
----------------------------------------------------------------------------------------------------

local function ok(...)
  return {1, 'OK', ...}
end

local function already(detail)
  return {1, 'ALREADY_SATISFIED', detail}
end

local function refused(code, ...)
  return {0, code, ...}
end

-- Ends the call with an error reply. Control characters would break the line of the reply.
local function abort(what, found)
  found = string.gsub(string.sub(tostring(found), 1, 64), '%c', '?')
  error(redis.error_reply(string.format("ERR %s: %s, found '%s'", running, what, found)))
end

local function required(argument, name)
  return argument or abort('the argument ' .. name .. ' is mandatory', 'none')
end

local function is_set(value)
  return value and value ~= ''
end

-- Priorities and most counters are short texts. What such a text was found to mean is kept: its
-- number, and the text of the counter after a step.
local SHORT_LENGTH = 3
local NUMBER_OF_SHORT = {[false] = 0}
local AFTER_STEP = {[1] = {}, [-1] = {}}

-- Lua's own conversion is part of the contract: blanks around it, fractions, exponents and 0x are
-- numbers. Absent counts as 0, empty is no number.
local function number_in(field, text)
  local number = NUMBER_OF_SHORT[text]
  if not number then
    number = tonumber(text) or abort('the field ' .. field .. ' must be a number', text)
    if #text <= SHORT_LENGTH then
      NUMBER_OF_SHORT[text] = number
    end
  end
  return number
end

-- The text of a counter after a step of +1 or -1; absent counts as 0. What HINCRBY would refuse is
-- refused, before anything is written. A sum that a Lua number might round is left to HINCRBY.
local function stepped(key, field, text, step)
  local known = AFTER_STEP[step][text]
  if known then
    return known
  elseif not text then
    return tostring(step)
  elseif #text > 15 then
    call('HINCRBY', key, field, step)
    return call('HGET', key, field)
  elseif text ~= '0' and not find(text, '^-?[1-9]%d*$') then
    abort('the field ' .. field .. ' must be an integer', text)
  end
  local sum = format('%d', text + step)
  if #text <= SHORT_LENGTH then
    AFTER_STEP[step][text] = sum
  end
  return sum
end

-- A whole number as its text, which spares the server to print it with 17 digits. What Lua's own
-- conversion to text might round stays a number up to the command, and so does -0.
local function score_text(score)
  return score % 1 == 0 and score < 1e14 and score > -1e14 and score ~= 0 and format('%d', score)
    or score
end

-- A time that the caller gave and that becomes a score. Only nan differs from itself; the server
-- takes it for no score.
local function time_argument(text)
  local time = tonumber(text)
  return time == time and time or abort('the argument now ms must be a number', text)
end

-- The same as a score. The calls of one cycle share their time.
local scored_time, score_of_time

local function time_score(text)
  if text ~= scored_time then
    scored_time, score_of_time = text, score_text(time_argument(text))
  end
  return score_of_time
end

-- Server time: the number, and the same as text. The text is what fields and scores are given,
-- because a number in an argument is formatted anew for each command.
local function server_time()
  local time = call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  return now, format('%d', now)
end

-- A lower score is claimed sooner: first by priority, then by age.
local function eligible_score(priority, created_at)
  local score = -(number_in('priority', priority) * 1e12) + number_in('created_at', created_at)
  if score ~= score then
    abort('priority and created_at make no score',
      tostring(priority) .. ', ' .. tostring(created_at))
  end
  return score_text(score)
end

----------------------------------------------------------------------------------------------------
-- Keys
----------------------------------------------------------------------------------------------------

-- The first brace group, braces included. Ids begin with their own tag, so a key has it twice; the
-- first occurrence is the one that routes.
local function tag_of(core_key)
  return string.match(core_key, '%b{}')
    or abort('the key of the record must have a hash tag', core_key)
end

local function lane_key(tag, lane, index)
  return 'ff:idx:' .. tag .. ':lane:' .. lane .. ':' .. index
end

local function worker_leases_key(tag, instance_id)
  return 'ff:idx:' .. tag .. ':worker:' .. instance_id .. ':leases'
end

-- Nothing when the key is not that of a core: then there is no stream to be found.
local function stream_meta_key(core_key, attempt_index)
  local tag, id = string.match(core_key, '(%b{}):(.-):core')
  return tag and 'ff:stream:' .. tag .. ':' .. id .. ':' .. attempt_index .. ':meta'
end

local function exists(key)
  return call('EXISTS', key) == 1
end

----------------------------------------------------------------------------------------------------
-- Steps that several functions share
----------------------------------------------------------------------------------------------------

-- Every dimension of the state is written at once, so that no mixture of two states can be seen.
-- What else changes follows as further fields and values.
local function make_eligible(core_key, now, ...)
  call('HSET', core_key,
    'lifecycle_phase', 'runnable', 'ownership_state', 'unowned',
    'eligibility_state', 'eligible_now',
    'blocking_reason', 'waiting_for_worker', 'blocking_detail', '',
    'terminal_outcome', 'none', 'public_state', 'waiting',
    'last_transition_at', now, 'last_mutation_at', now, ...)
end

local function make_terminal(core_key, now, outcome, attempt_state, ...)
  call('HSET', core_key,
    'lifecycle_phase', 'terminal', 'ownership_state', 'unowned',
    'eligibility_state', 'not_applicable',
    'blocking_reason', 'none', 'blocking_detail', '',
    'terminal_outcome', outcome, 'attempt_state', attempt_state, 'public_state', outcome,
    'completed_at', now, 'last_transition_at', now, 'last_mutation_at', now, ...)
end

local function end_attempt(attempt_key, state, now, reason)
  call('HSET', attempt_key, 'attempt_state', state, 'ended_at', now, 'failure_reason', reason)
end

-- There is a record only after the first frame. An earlier close is overwritten.
local function close_stream(meta_key, now, reason)
  if exists(meta_key) then
    call('HSET', meta_key, 'closed_at', now, 'closed_reason', reason)
  end
end

local function close_suspension(suspension_key, now, reason)
  call('HSET', suspension_key, 'closed_at', now, 'close_reason', reason)
end

local function close_waitpoint(waitpoint_key, now, reason)
  call('HSET', waitpoint_key, 'state', 'closed', 'closed_at', now, 'close_reason', reason)
end

local function close_condition(condition_key, now, reason)
  call('HSET', condition_key, 'closed', '1', 'closed_at', now, 'closed_reason', reason)
end

local function record_release(history_key, lease_id, lease_epoch, attempt_index, reason, now)
  call('XADD', history_key, 'MAXLEN', '~', HISTORY_LENGTH, '*',
    'event', 'released', 'lease_id', lease_id or '', 'lease_epoch', lease_epoch or '',
    'attempt_index', attempt_index or '', 'reason', reason, 'ts', now)
end

-- What a composite condition collected about who satisfied it.
local function forget_satisfiers(suspension_key)
  call('DEL', suspension_key .. ':satisfied_set', suspension_key .. ':satisfied_set:signals',
    suspension_key .. ':member_map')
end

-- The ids of the waitpoints that a suspension has besides its first one. What is not JSON, or not a
-- list, means that there are none; an element that cannot have an id aborts.
local function extra_waitpoints(text)
  local ids = {}
  local is_json, elements = pcall(cjson.decode, text or '')
  if not is_json or type(elements) ~= 'table' then
    return ids
  end
  for _, element in ipairs(elements) do
    if type(element) == 'table' then
      if type(element.waitpoint_id) == 'string' and element.waitpoint_id ~= '' then
        ids[#ids + 1] = element.waitpoint_id
      end
    elseif type(element) ~= 'string' then
      abort('the elements of additional_waitpoints_json must be objects', text)
    end
  end
  return ids
end

local function close_extra_waitpoints(suspension_key, ids, now, reason)
  if #ids == 0 then
    return
  end
  local prefix = 'ff:wp:' .. tag_of(suspension_key) .. ':'
  for _, id in ipairs(ids) do
    if exists(prefix .. id) then
      close_waitpoint(prefix .. id, now, reason)
    end
    if exists(prefix .. id .. ':condition') then
      close_condition(prefix .. id .. ':condition', now, reason)
    end
  end
end

local function publish_completion(execution_id, flow_id, outcome)
  call('PUBLISH', COMPLETIONS,
    cjson.encode({execution_id = execution_id, flow_id = flow_id, outcome = outcome}))
end

----------------------------------------------------------------------------------------------------
-- ff_version: which library this is
----------------------------------------------------------------------------------------------------

define('ff_version', function()
  return VERSION
end)

----------------------------------------------------------------------------------------------------
-- ff_mark_lease_expired_if_due: an active execution whose lease ran out becomes reclaimable
--
-- KEYS core, lease:current (unused), lease_expiry, lease:history    ARGV execution id
--
-- The entry of an expired lease stays in lease_expiry, where a scheduler finds it to reclaim it.
----------------------------------------------------------------------------------------------------

local function forget_lease(lease_expiry_key, execution_id, detail)
  call('ZREM', lease_expiry_key, required(execution_id, 'execution id'))
  return already(detail)
end

define('ff_mark_lease_expired_if_due', function(keys, args)
  local core_key, lease_expiry_key, history_key = keys[1], keys[3], keys[4]
  local phase, ownership, expires_at, eligibility, outcome,
    lease_id, lease_epoch, attempt_index, attempt_id, worker_id, instance_id =
    unpack(call('HMGET', core_key, 'lifecycle_phase', 'ownership_state', 'lease_expires_at',
      'eligibility_state', 'terminal_outcome', 'current_lease_id', 'current_lease_epoch',
      'current_attempt_index', 'current_attempt_id', 'current_worker_id',
      'current_worker_instance_id'))

  if phase ~= 'active' then
    local gone = not phase and not exists(core_key)
    return forget_lease(lease_expiry_key, args[1], gone and 'execution_not_found' or 'not_active')
  elseif ownership == 'lease_expired_reclaimable' then
    return already('already_expired')
  elseif ownership == 'lease_revoked' then
    return already('already_revoked')
  elseif ownership == 'unowned' then
    return forget_lease(lease_expiry_key, args[1], 'unowned')
  end

  local now_ms, now = server_time()
  if number_in('lease_expires_at', expires_at) > now_ms then
    return already('not_yet_expired')
  end

  -- last_transition_at stays: who holds the lease is not a transition of the execution.
  call('HSET', core_key,
    'lifecycle_phase', phase, 'ownership_state', 'lease_expired_reclaimable',
    'eligibility_state', eligibility or 'not_applicable',
    'blocking_reason', 'waiting_for_worker',
    'blocking_detail', 'lease expired, awaiting reclaim',
    'terminal_outcome', outcome or 'none', 'attempt_state', 'attempt_interrupted',
    'public_state', 'active',
    'lease_expired_at', now, 'last_mutation_at', now)
  call('XADD', history_key, 'MAXLEN', '~', HISTORY_LENGTH, '*',
    'event', 'expired', 'lease_id', lease_id or '', 'lease_epoch', lease_epoch or '',
    'attempt_index', attempt_index or '', 'attempt_id', attempt_id or '',
    'worker_id', worker_id or '', 'worker_instance_id', instance_id or '', 'ts', now)

  -- Only here an earlier close is kept. The record of a stream exists only after its first frame.
  local meta_key = is_set(attempt_index) and stream_meta_key(core_key, attempt_index)
  if meta_key and exists(meta_key) and not is_set(call('HGET', meta_key, 'closed_at')) then
    call('HSET', meta_key, 'closed_at', now, 'closed_reason', 'lease_expired')
  end
  return ok('marked_expired')
end)

----------------------------------------------------------------------------------------------------
-- ff_promote_delayed: a delay that ended makes the execution eligible
--
-- KEYS core, delayed, eligible    ARGV execution id, now ms
--
-- An empty delay_until, which a resume with a delay leaves behind, aborts: it is no number.
----------------------------------------------------------------------------------------------------

define('ff_promote_delayed', function(keys, args)
  local core_key, delayed_key, eligible_key = keys[1], keys[2], keys[3]
  local now_ms = tonumber(args[2])
  if not now_ms then
    return refused('invalid_input', 'now_ms must be a number, got: ' .. tostring(args[2]))
  end

  local phase, eligibility, delay_until, priority, created_at = unpack(call('HMGET', core_key,
    'lifecycle_phase', 'eligibility_state', 'delay_until', 'priority', 'created_at'))

  local stale
  if phase ~= 'runnable' then
    local gone = not phase and not exists(core_key)
    stale = gone and 'not_found_cleaned' or 'not_runnable_cleaned'
  elseif eligibility ~= 'not_eligible_until_time' then
    stale = 'not_delayed_cleaned'
  elseif number_in('delay_until', delay_until) > now_ms then
    return ok('not_yet_due')
  end

  local execution_id = required(args[1], 'execution id')
  if stale then
    call('ZREM', delayed_key, execution_id)
    return ok(stale)
  end

  -- attempt_state is left alone: it tells the next claim whether this is a first attempt, a retry,
  -- a replay or a continuation.
  local score = eligible_score(priority, created_at)
  local now = tostring(now_ms)
  make_eligible(core_key, now, 'delay_until', '')
  call('ZREM', delayed_key, execution_id)
  call('ZADD', eligible_key, score, execution_id)
  return ok('promoted')
end)

----------------------------------------------------------------------------------------------------
-- ff_expire_execution: whatever has not ended yet ends as expired
--
-- KEYS core, attempt, stream meta, lease:current, lease:history, lease_expiry, worker leases,
--      active, terminal, attempt_timeout, execution_deadline, suspended, suspension_timeout,
--      suspension:current
-- ARGV execution id, reason (missing: attempt_timeout)
--
-- Whether a timeout is due is the caller's business. Only the indexes of the phase that it finds
-- are cleaned.
----------------------------------------------------------------------------------------------------

local INDEX_OF_ELIGIBILITY = {
  eligible_now = 'eligible',
  not_eligible_until_time = 'delayed',
  blocked_by_dependencies = 'blocked:dependencies',
  blocked_by_budget = 'blocked:budget',
  blocked_by_quota = 'blocked:quota',
  blocked_by_route = 'blocked:route',
  blocked_by_operator = 'blocked:operator',
}

local RUNNABLE_INDEXES = {
  'eligible', 'delayed', 'blocked:dependencies', 'blocked:budget', 'blocked:quota',
  'blocked:route', 'blocked:operator',
}

local function leave_lane(core_key, lane, eligibility, execution_id)
  local tag = tag_of(core_key)
  local index = INDEX_OF_ELIGIBILITY[eligibility]
  if index then
    call('ZREM', lane_key(tag, lane, index), execution_id)
    return
  end
  for _, each in ipairs(RUNNABLE_INDEXES) do
    call('ZREM', lane_key(tag, lane, each), execution_id)
  end
end

define('ff_expire_execution', function(keys, args)
  local core_key, attempt_key, stream_key = keys[1], keys[2], keys[3]
  local phase, attempt_index, attempt_state, flow_id, lease_id, lease_epoch, instance_id,
    eligibility, lane_id, current_lane =
    unpack(call('HMGET', core_key, 'lifecycle_phase', 'current_attempt_index', 'attempt_state',
      'flow_id', 'current_lease_id', 'current_lease_epoch', 'current_worker_instance_id',
      'eligibility_state', 'lane_id', 'current_lane'))

  local execution_id = required(args[1], 'execution id')
  local gone = not phase and not exists(core_key)
  if gone or phase == 'terminal' then
    call('ZREM', keys[10], execution_id)
    call('ZREM', keys[11], execution_id)
    return ok(gone and 'not_found_cleaned' or 'already_terminal')
  end

  local reason = args[2] or 'attempt_timeout'
  local has_attempt = is_set(attempt_index)
  local _, now = server_time()

  if phase == 'active' then
    -- The caller names the lease set of no worker, or of one that may have changed meanwhile.
    local leases_key = is_set(instance_id) and worker_leases_key(tag_of(core_key), instance_id)
    if has_attempt then
      end_attempt(attempt_key, 'ended_failure', now, reason)
    end
    close_stream(stream_key, now, 'expired')
    call('DEL', keys[4])
    call('ZREM', keys[6], execution_id)
    call('SREM', keys[7], execution_id)
    if leases_key then
      call('SREM', leases_key, execution_id)
    end
    call('ZREM', keys[8], execution_id)
    record_release(keys[5], lease_id, lease_epoch, attempt_index, 'expired:' .. reason, now)
  elseif phase == 'suspended' then
    -- The waitpoint and its condition stay open, and the lease is long gone.
    if has_attempt then
      end_attempt(attempt_key, 'ended_failure', now, reason)
    end
    if exists(keys[14]) then
      close_suspension(keys[14], now, 'expired:' .. reason)
    end
    close_stream(stream_key, now, 'expired')
    call('ZREM', keys[12], execution_id)
    call('ZREM', keys[13], execution_id)
  elseif phase == 'runnable' then
    leave_lane(core_key, lane_id or current_lane or 'default', eligibility, execution_id)
  end

  make_terminal(core_key, now, 'expired',
    has_attempt and 'attempt_terminal' or attempt_state or 'none',
    'failure_reason', reason,
    'current_lease_id', '', 'current_worker_id', '', 'current_worker_instance_id', '',
    'lease_expires_at', '', 'current_suspension_id', '', 'current_waitpoint_id', '')
  call('ZREM', keys[10], execution_id)
  call('ZREM', keys[11], execution_id)
  call('ZADD', keys[9], now, execution_id)
  if is_set(flow_id) then
    publish_completion(execution_id, flow_id, 'expired')
  end
  -- A core without a phase shortens the reply: an array ends at its first nil.
  return ok('expired', phase or nil)
end)

----------------------------------------------------------------------------------------------------
-- ff_expire_suspension: a suspension that waited too long does what it was told to do then
--
-- KEYS core, suspension:current, waitpoint, condition, attempt, stream meta, suspension_timeout,
--      suspended, terminal, eligible, delayed (unused), lease:history (unused)
-- ARGV execution id
--
-- Waitpoint and condition are written without a look whether they exist. An execution of a flow that
-- ends here is published.
----------------------------------------------------------------------------------------------------

local ENDING_OF_BEHAVIOUR = {
  cancel = {outcome = 'cancelled', close_reason = 'timed_out_cancel', attempt = 'ended_cancelled'},
  expire = {outcome = 'expired', close_reason = 'timed_out_expire', attempt = 'ended_failure'},
  fail = {outcome = 'failed', close_reason = 'timed_out_fail', attempt = 'ended_failure'},
}

local function close_all_of_suspension(keys, extra_ids, now, reason)
  close_waitpoint(keys[3], now, reason)
  close_condition(keys[4], now, reason)
  close_suspension(keys[2], now, reason)
  forget_satisfiers(keys[2])
  close_extra_waitpoints(keys[2], extra_ids, now, reason)
end

local function resume_on_timeout(keys, execution_id, extra_ids, now, score)
  make_eligible(keys[1], now, 'attempt_state', 'attempt_interrupted',
    'current_suspension_id', '', 'current_waitpoint_id', '')
  call('ZREM', keys[8], execution_id)
  call('ZADD', keys[10], score, execution_id)
  close_all_of_suspension(keys, extra_ids, now, 'timed_out_auto_resume')
  call('ZREM', keys[7], execution_id)
  return ok('auto_resume', 'waiting')
end

-- Still suspended, now until an operator decides; that is why waitpoint and condition stay open and
-- the entry in `suspended` keeps its score.
local function escalate_on_timeout(keys, execution_id, now, timeout_ms, attempt_state)
  call('HSET', keys[1],
    'lifecycle_phase', 'suspended', 'ownership_state', 'unowned',
    'eligibility_state', 'not_applicable',
    'blocking_reason', 'paused_by_operator',
    'blocking_detail', 'suspension escalated: timeout at ' .. timeout_ms,
    'terminal_outcome', 'none', 'attempt_state', attempt_state or 'attempt_interrupted',
    'public_state', 'suspended',
    'last_mutation_at', now)
  call('HSET', keys[2],
    'reason_code', 'waiting_for_operator_review', 'timeout_at', '', 'timeout_behavior', '')
  call('ZREM', keys[7], execution_id)
  return ok('escalate', 'suspended')
end

local function end_on_timeout(keys, execution_id, extra_ids, now, behaviour, attempt_index, flow_id)
  local ending = ENDING_OF_BEHAVIOUR[behaviour] or ENDING_OF_BEHAVIOUR.fail
  local failure_reason = 'suspension_timeout:' .. behaviour
  -- Also without an attempt: here the field says that the execution ended, not that an attempt did.
  make_terminal(keys[1], now, ending.outcome, 'attempt_terminal',
    'failure_reason', failure_reason, 'current_suspension_id', '', 'current_waitpoint_id', '')
  if is_set(attempt_index) then
    call('HSET', keys[5],
      'attempt_state', ending.attempt, 'ended_at', now, 'failure_reason', failure_reason,
      'suspended_at', '', 'suspension_id', '')
  end
  close_stream(keys[6], now, 'suspension_timeout')
  close_all_of_suspension(keys, extra_ids, now, ending.close_reason)
  call('ZREM', keys[7], execution_id)
  call('ZREM', keys[8], execution_id)
  call('ZADD', keys[9], now, execution_id)
  if is_set(flow_id) then
    publish_completion(execution_id, flow_id, ending.outcome)
  end
  return ok(behaviour, ending.outcome)
end

define('ff_expire_suspension', function(keys, args)
  local core_key, suspension_key = keys[1], keys[2]
  local phase, attempt_index, attempt_state, priority, created_at, flow_id =
    unpack(call('HMGET', core_key, 'lifecycle_phase', 'current_attempt_index', 'attempt_state',
      'priority', 'created_at', 'flow_id'))

  local stale, timeout_at, behaviour, extra_json
  if phase ~= 'suspended' then
    local gone = not phase and not exists(core_key)
    stale = gone and 'not_found_cleaned' or 'not_suspended_cleaned'
  else
    local suspension_id, closed_at
    suspension_id, closed_at, timeout_at, behaviour, extra_json =
      unpack(call('HMGET', suspension_key, 'suspension_id', 'closed_at', 'timeout_at',
        'timeout_behavior', 'additional_waitpoints_json'))
    if not is_set(suspension_id) or is_set(closed_at) then
      stale = 'no_active_suspension_cleaned'
    end
  end
  if stale then
    call('ZREM', keys[7], required(args[1], 'execution id'))
    return ok(stale)
  end

  local now_ms, now = server_time()
  local timeout_ms = number_in('timeout_at', timeout_at)
  if timeout_ms == 0 or timeout_ms > now_ms then
    return ok('not_yet_due')
  end

  local execution_id = required(args[1], 'execution id')
  behaviour = behaviour or 'fail'
  if behaviour == 'escalate' then
    return escalate_on_timeout(keys, execution_id, now, timeout_ms, attempt_state)
  end
  local extra_ids = extra_waitpoints(extra_json)
  if behaviour == 'auto_resume' or behaviour == 'auto_resume_with_timeout_signal' then
    return resume_on_timeout(keys, execution_id, extra_ids, now,
      eligible_score(priority, created_at))
  end
  return end_on_timeout(keys, execution_id, extra_ids, now, behaviour, attempt_index, flow_id)
end)

----------------------------------------------------------------------------------------------------
-- ff_close_waitpoint: a waitpoint that nobody committed to is closed
--
-- KEYS core (unused), waitpoint, pending_waitpoint_expiry
-- ARGV waitpoint id, reason (missing: proactive_close)
----------------------------------------------------------------------------------------------------

define('ff_close_waitpoint', function(keys, args)
  local waitpoint_key = keys[2]
  local state = call('HGET', waitpoint_key, 'state')
  if state == 'closed' or state == 'expired' then
    return ok('already_closed')
  elseif state ~= 'pending' and state ~= 'active' then
    local gone = not state and not exists(waitpoint_key)
    return refused(gone and 'waitpoint_not_found' or 'waitpoint_not_open')
  end

  local waitpoint_id = required(args[1], 'waitpoint id')
  local _, now = server_time()
  close_waitpoint(waitpoint_key, now, args[2] or 'proactive_close')
  call('ZREM', keys[3], waitpoint_id)
  return ok()
end)

----------------------------------------------------------------------------------------------------
-- ff_reset_budget: usage starts again at zero, and the next reset is scheduled
--
-- KEYS definition, usage, budget_resets    ARGV budget id, now ms
--
-- The marker breached_at is one of the usage fields and becomes 0 like them. A definition that does
-- not exist is created.
----------------------------------------------------------------------------------------------------

-- Most budgets have so few fields that no list of arguments needs to be made.
local function zero_fields(key, fields)
  local count = #fields
  if count == 1 then
    call('HSET', key, fields[1], '0')
  elseif count == 2 then
    call('HSET', key, fields[1], '0', fields[2], '0')
  elseif count == 3 then
    call('HSET', key, fields[1], '0', fields[2], '0', fields[3], '0')
  else
    for done = 0, count - 1, FIELDS_PER_HSET do
      local arguments = {}
      for index = 1, math.min(count - done, FIELDS_PER_HSET) do
        arguments[2 * index - 1] = fields[done + index]
        arguments[2 * index] = '0'
      end
      call('HSET', key, unpack(arguments))
    end
  end
end

-- When a budget that is reset `now` is reset next, as a score; '0' without an interval. The calls of
-- one cycle share their time, and budgets share their intervals, so the sums of one time are kept.
local time_of_sums, sums

local function next_reset(now, interval_text)
  if now ~= time_of_sums then
    time_of_sums, sums = now, {}
  end
  local interval = number_in('reset_interval_ms', interval_text)
  local next_time = interval > 0 and time_argument(now) + interval
  if next_time ~= next_time then
    abort('the argument now ms and the interval make no time', now)
  end
  local score = next_time and score_text(next_time) or '0'
  sums[interval_text] = score
  return score
end

define('ff_reset_budget', function(keys, args)
  local definition_key, usage_key, resets_key = keys[1], keys[2], keys[3]
  local budget_id, now = required(args[1], 'budget id'), required(args[2], 'now ms')
  local usage_fields = call('HKEYS', usage_key)
  local definition = call('HMGET', definition_key, 'reset_interval_ms', 'reset_count')
  local interval = definition[1]
  local score = now == time_of_sums and sums[interval] or next_reset(now, interval)
  local count = stepped(definition_key, 'reset_count', definition[2], 1)

  zero_fields(usage_key, usage_fields)
  if score == '0' then
    call('HSET', definition_key, 'reset_count', count, 'last_reset_at', now,
      'last_updated_at', now, 'last_breach_at', '', 'last_breach_dim', '')
    call('ZREM', resets_key, budget_id)
    return ok('0')
  end
  local next_text = score .. ''
  call('HSET', definition_key, 'reset_count', count, 'last_reset_at', now,
    'last_updated_at', now, 'last_breach_at', '', 'last_breach_dim', '',
    'next_reset_at', next_text)
  call('ZADD', resets_key, score, budget_id)
  return {1, 'OK', next_text}
end)

----------------------------------------------------------------------------------------------------
-- ff_cancel_execution: whatever has not ended yet ends as cancelled
--
-- KEYS core, attempt, stream meta, lease:current, lease:history, lease_expiry, worker leases,
--      suspension:current, waitpoint, condition, suspension_timeout, terminal, attempt_timeout,
--      execution_deadline, eligible, delayed, blocked:dependencies, blocked:budget, blocked:quota,
--      blocked:route, blocked:operator
-- ARGV execution id, reason, source, lease id, lease epoch
--
-- Unless an operator asks, an active execution is safe while its lease is revoked, and from whoever
-- names another lease or epoch than the current ones.
----------------------------------------------------------------------------------------------------

-- Which refusal the lease of an active execution asks for, if any. Epochs are compared as text.
local function lease_objection(ownership, lease_id, lease_epoch, args)
  local source, held_lease = args[3], args[4]
  if source == 'operator_override' then
    return nil
  elseif ownership == 'lease_revoked' then
    return 'lease_revoked'
  elseif is_set(held_lease) and (held_lease ~= lease_id or (args[5] or '') ~= lease_epoch) then
    return 'stale_lease'
  end
end

define('ff_cancel_execution', function(keys, args)
  local core_key, attempt_key, stream_key = keys[1], keys[2], keys[3]
  local phase, attempt_index, attempt_state, lane_id, flow_id, ownership, lease_id, lease_epoch =
    unpack(call('HMGET', core_key, 'lifecycle_phase', 'current_attempt_index', 'attempt_state',
      'lane_id', 'flow_id', 'ownership_state', 'current_lease_id', 'current_lease_epoch'))

  if not phase and not exists(core_key) then
    return refused('execution_not_found')
  elseif phase == 'terminal' then
    local outcome, attempt_id =
      unpack(call('HMGET', core_key, 'terminal_outcome', 'current_attempt_id'))
    return refused('execution_not_active', outcome or '', lease_epoch or '', 'terminal',
      attempt_id or '')
  end
  local objection = phase == 'active' and lease_objection(ownership, lease_id, lease_epoch, args)
  if objection then
    return refused(objection)
  end

  local execution_id = required(args[1], 'execution id')
  local reason = required(args[2], 'reason')
  local source = args[3] or ''
  local tag, lane = tag_of(core_key), lane_id or 'default'
  local has_attempt = is_set(attempt_index)
  local extra_ids = phase == 'suspended'
    and extra_waitpoints(call('HGET', keys[8], 'additional_waitpoints_json'))
  local _, now = server_time()

  if phase == 'active' or phase == 'suspended' then
    if has_attempt then
      end_attempt(attempt_key, 'ended_cancelled', now, 'cancelled: ' .. reason)
    end
    close_stream(stream_key, now, 'attempt_cancelled')
  end
  if phase == 'active' then
    call('DEL', keys[4])
    record_release(keys[5], lease_id, lease_epoch, attempt_index, 'cancelled', now)
  elseif phase == 'suspended' then
    if exists(keys[8]) then
      close_suspension(keys[8], now, 'cancelled')
    end
    if exists(keys[9]) then
      close_waitpoint(keys[9], now, 'cancelled')
    end
    if exists(keys[10]) then
      close_condition(keys[10], now, 'cancelled')
    end
    forget_satisfiers(keys[8])
    close_extra_waitpoints(keys[8], extra_ids, now, 'cancelled')
  end

  make_terminal(core_key, now, 'cancelled',
    has_attempt and 'attempt_terminal' or attempt_state or 'none',
    'cancellation_reason', reason, 'cancelled_by', source ~= '' and source or execution_id,
    'current_lease_id', '', 'current_worker_id', '', 'current_worker_instance_id', '',
    'lease_expires_at', '', 'lease_last_renewed_at', '', 'lease_renewal_deadline', '',
    'current_suspension_id', '', 'current_waitpoint_id', '')

  -- From every index, not only from those of its phase, so that no stray entry survives a cancel.
  call('ZREM', keys[15], execution_id)
  call('ZREM', keys[16], execution_id)
  call('ZREM', lane_key(tag, lane, 'active'), execution_id)
  call('ZREM', lane_key(tag, lane, 'suspended'), execution_id)
  for index = 17, 21 do
    call('ZREM', keys[index], execution_id)
  end
  call('ZREM', keys[6], execution_id)
  call('ZREM', keys[11], execution_id)
  call('ZREM', keys[13], execution_id)
  call('ZREM', keys[14], execution_id)
  call('SREM', keys[7], execution_id)
  call('ZADD', keys[12], now, execution_id)

  -- A cascade cancels the whole flow; nobody waits to hear of each member.
  if is_set(flow_id) and source ~= 'flow_cascade' then
    publish_completion(execution_id, flow_id, 'cancelled')
  end
  return ok('cancelled', phase or nil)
end)

----------------------------------------------------------------------------------------------------
-- ff_ack_cancel_member: a member of a cancelled flow is done; after the last one, so is the flow
--
-- KEYS pending_cancels, cancel_backlog    ARGV execution id, flow id
----------------------------------------------------------------------------------------------------

define('ff_ack_cancel_member', function(keys, args)
  local execution_id, flow_id = required(args[1], 'execution id'), args[2]
  if not flow_id and call('SCARD', keys[1]) == call('SISMEMBER', keys[1], execution_id) then
    abort('the argument flow id is mandatory for the last member', 'none')
  end
  call('SREM', keys[1], execution_id)
  if not exists(keys[1]) then
    call('ZREM', keys[2], flow_id)
  end
  return ok()
end)

----------------------------------------------------------------------------------------------------
-- ff_unblock_execution: what admission had blocked becomes eligible
--
-- KEYS core, the blocked index it was found in, eligible
-- ARGV execution id, now ms, expected blocking reason (missing or empty: any)
----------------------------------------------------------------------------------------------------

local UNBLOCKABLE = {
  blocked_by_budget = true,
  blocked_by_quota = true,
  blocked_by_route = true,
  blocked_by_operator = true,
}

define('ff_unblock_execution', function(keys, args)
  local core_key = keys[1]
  local phase, eligibility, blocking_reason, attempt_state, priority, created_at =
    unpack(call('HMGET', core_key, 'lifecycle_phase', 'eligibility_state', 'blocking_reason',
      'attempt_state', 'priority', 'created_at'))

  if not phase and not exists(core_key) then
    return refused('execution_not_found')
  elseif phase ~= 'runnable' or not UNBLOCKABLE[eligibility]
    or is_set(args[3]) and args[3] ~= blocking_reason then
    return refused('execution_not_eligible')
  end

  local execution_id = required(args[1], 'execution id')
  local now = required(args[2], 'now ms')
  local score = eligible_score(priority, created_at)
  make_eligible(core_key, now, 'attempt_state', attempt_state or 'pending_first_attempt')
  call('ZREM', keys[2], execution_id)
  call('ZADD', keys[3], score, execution_id)
  return ok('unblocked')
end)

----------------------------------------------------------------------------------------------------
-- ff_resolve_dependency: an upstream ended, so one edge of the child is settled
--
-- KEYS child core, deps:meta, deps:unresolved, dep, eligible, terminal, blocked:dependencies,
--      attempt, stream meta, payload, upstream result;
--      edge group, incoming set, pending_cancel_groups (missing or empty: there is none)
-- ARGV edge id, upstream outcome, now ms; flow id, child's execution id (missing or empty: none)
--
-- All of: success counts the edge off and frees the child with the last one; any other outcome makes
-- the child impossible, whatever its other edges are: it is skipped.
-- Any of, or a quorum: the edges are counted in the edge group alone, which fires once: as soon as
-- enough of them succeeded the child is freed, and as soon as that cannot happen any more it is
-- skipped. A group that asks for it notes which siblings still run, for the dispatcher to cancel.
----------------------------------------------------------------------------------------------------

-- The places of the fields that are read of an edge group.
local POLICY, STATE, ON_SATISFIED = 1, 2, 3
local PLACE_OF_BUCKET = {succeeded = 6, failed = 7, skipped = 8}

local BUCKET_OF_OUTCOME = {success = 'succeeded', skipped = 'skipped'}
local IS_FIRED = {satisfied = true, impossible = true, cancelled = true}
local REASON_OF_FIRING = {
  satisfied = 'sibling_quorum_satisfied',
  impossible = 'sibling_quorum_impossible',
}

local function settle_edge(keys, edge_id, state, now)
  call('HSET', keys[4], 'state', state, 'last_resolved_at', now)
  call('SREM', keys[3], edge_id)
end

-- The places of the fields that are read of a child. A child without a core has no outcome, so
-- nothing below touches it.
local OUTCOME, ATTEMPT_STATE, EXECUTION_ID = 1, 2, 3

-- The child, and the score with which it becomes eligible; no score: it stays as it is, as it does
-- until its last edge.
local function read_freed_child(core_key, is_last_edge)
  if not is_last_edge then
    return {call('HGET', core_key, 'terminal_outcome')}
  end
  local child = call('HMGET', core_key, 'terminal_outcome', 'attempt_state', 'execution_id',
    'lifecycle_phase', 'ownership_state', 'eligibility_state', 'priority', 'created_at')
  local is_freed = child[OUTCOME] == 'none' and child[4] == 'runnable'
    and child[5] == 'unowned' and child[6] == 'blocked_by_dependencies'
  return child, is_freed and eligible_score(child[7], child[8])
end

-- The child, and the score with which it becomes terminal; no score: it stays as it is.
local function read_skipped_child(core_key, now)
  local child = call('HMGET', core_key, 'terminal_outcome', 'attempt_state', 'execution_id',
    'flow_id')
  return child, child[OUTCOME] == 'none' and time_score(now)
end

local function copy_result(keys)
  return call('COPY', keys[11], keys[10], 'REPLACE') == 1
end

local function promote_child(keys, child, score, now)
  local attempt_state, execution_id = child[ATTEMPT_STATE], child[EXECUTION_ID] or ''
  if not is_set(attempt_state) or attempt_state == 'none' then
    attempt_state = 'pending_first_attempt'
  end
  make_eligible(keys[1], now, 'attempt_state', attempt_state)
  call('ZREM', keys[7], execution_id)
  call('ZADD', keys[5], score, execution_id)
end

-- A skip leaves blocked:dependencies alone; other scanners clean what else the child is in.
local function skip_child(keys, child, score, now)
  local attempt_state, execution_id = child[ATTEMPT_STATE], child[EXECUTION_ID]
  local flow_id = child[4]
  local was_running = attempt_state == 'running_attempt' or attempt_state == 'attempt_interrupted'
  if was_running then
    end_attempt(keys[8], 'ended_cancelled', now, 'dependency_impossible')
    close_stream(keys[9], now, 'dependency_impossible')
  end
  make_terminal(keys[1], now, 'skipped',
    was_running and 'attempt_terminal' or attempt_state == '' and '' or 'none')
  call('ZREM', keys[7], execution_id or '')
  call('ZADD', keys[6], score, execution_id or '')
  if is_set(flow_id) and is_set(execution_id) then
    publish_completion(execution_id, flow_id, 'skipped')
  end
end

-- What follows for the child, as decided before. `reference`: of the edge that succeeded; not set: no
-- result is passed on.
local function finish_freed_child(keys, child, score, reference, now)
  local copied = is_set(reference) and child[OUTCOME] == 'none' and copy_result(keys)
  if score then
    promote_child(keys, child, score, now)
  end
  return {1, 'OK', 'satisfied', copied and 'data_injected' or ''}
end

local function finish_skipped_child(keys, child, score, now)
  if score then
    skip_child(keys, child, score, now)
  end
  return {1, 'OK', 'impossible', score and 'child_skipped' or ''}
end

-- The new text of a counter of an all-of group; nothing when there is no group.
local function counted_in(group, group_key, bucket)
  return group and stepped(group_key, bucket, group[PLACE_OF_BUCKET[bucket]], 1)
end

local function satisfy(keys, group, edge_id, reference, now)
  local meta_key, group_key = keys[2], keys[12]
  local unsatisfied = call('HGET', meta_key, 'unsatisfied_required_count')
  local child, score = read_freed_child(keys[1], unsatisfied == '1')
  local succeeded = counted_in(group, group_key, 'succeeded')
  local remaining = stepped(meta_key, 'unsatisfied_required_count', unsatisfied, -1)

  settle_edge(keys, edge_id, 'satisfied', now)
  call('HSET', meta_key, 'unsatisfied_required_count', remaining,
    'last_dependency_update_at', now)
  if succeeded and remaining == '0' then
    call('HSET', group_key, 'succeeded', succeeded, 'group_state', 'satisfied')
  elseif succeeded then
    call('HSET', group_key, 'succeeded', succeeded)
  end

  return finish_freed_child(keys, child, score, reference, now)
end

local function make_impossible(keys, group, edge_id, now)
  local meta_key, group_key = keys[2], keys[12]
  local counts = call('HMGET', meta_key, 'unsatisfied_required_count', 'impossible_required_count')
  local child, score = read_skipped_child(keys[1], now)
  local failed = counted_in(group, group_key, 'failed')
  local unsatisfied = stepped(meta_key, 'unsatisfied_required_count', counts[1], -1)
  local impossible = stepped(meta_key, 'impossible_required_count', counts[2], 1)

  settle_edge(keys, edge_id, 'impossible', now)
  call('HSET', meta_key, 'unsatisfied_required_count', unsatisfied,
    'impossible_required_count', impossible, 'last_dependency_update_at', now)
  if failed then
    call('HSET', group_key, 'failed', failed, 'group_state', 'impossible')
  end
  return finish_skipped_child(keys, child, score, now)
end

-- Whether the last child had an edge group: then the next one probably has, too.
local had_group = false

-- The fields of the edge group; nothing when there is none, which is the rule with older data and
-- costs one look.
local function read_group(group_key)
  if not is_set(group_key) or not had_group and not exists(group_key) then
    return nil
  end
  local group = call('HMGET', group_key, 'policy_variant', 'group_state', 'on_satisfied', 'n', 'k',
    'succeeded', 'failed', 'skipped')
  had_group = group[POLICY] ~= false or exists(group_key)
  return had_group and group
end

-- What an any-of or quorum group becomes by its counters (nothing: it still waits), how many of its
-- edges have ended, and how many it has. k is how many must succeed; an any-of group has no k of its
-- own.
local function judge(group)
  local n = number_in('n', group[4])
  local k = group[POLICY] == 'quorum' and group[5] and math.max(1, number_in('k', group[5])) or 1
  local succeeded = number_in('succeeded', group[6])
  local lost = number_in('failed', group[7]) + number_in('skipped', group[8])
  local firing = succeeded >= k and 'satisfied' or lost > n - k and 'impossible'
  return firing, succeeded + lost, n
end

-- The upstreams of the child that have not ended, joined by '|'.
local function running_siblings(group_key, incoming_key, flow_id)
  local tag = string.match(group_key, '%b{}')
  if not tag or not is_set(incoming_key) or not is_set(flow_id) then
    return ''
  end
  local edge_prefix = 'ff:flow:' .. tag .. ':' .. flow_id .. ':edge:'
  local core_prefix = 'ff:exec:' .. tag .. ':'
  local running_ids = {}
  for _, edge_id in ipairs(call('SMEMBERS', incoming_key)) do
    local upstream = call('HGET', edge_prefix .. edge_id, 'upstream_execution_id')
    if upstream and upstream ~= '' then
      local phase = call('HGET', core_prefix .. upstream .. ':core', 'lifecycle_phase')
      if phase and phase ~= 'terminal' and phase ~= '' then
        running_ids[#running_ids + 1] = upstream
      end
    end
  end
  return table.concat(running_ids, '|')
end

-- For the dispatcher: which siblings are to be cancelled, and that there is something to do.
local function note_siblings(keys, args, firing, siblings)
  call('HSET', keys[12], 'cancel_siblings_pending_flag', 'true',
    'cancel_siblings_reason', REASON_OF_FIRING[firing],
    'cancel_siblings_pending_members', siblings)
  if is_set(keys[14]) and is_set(args[4]) and is_set(args[5]) then
    call('SADD', keys[14], args[4] .. '|' .. args[5])
  end
end

-- The group fires for the child, as decided before. Counters that somebody else changed may free it
-- by an edge that did not succeed; then there is no reference.
local function fire(keys, args, firing, reference, child, score, siblings)
  local now = args[3]
  call('HSET', keys[12], 'group_state', firing)
  if firing == 'satisfied' then
    call('HSET', keys[12], 'satisfied_at', now)
  end
  if siblings then
    note_siblings(keys, args, firing, siblings)
  end
  if firing == 'satisfied' then
    return finish_freed_child(keys, child, score, reference, now)
  end
  return finish_skipped_child(keys, child, score, now)
end

local function resolve_in_group(keys, args, group, bucket, reference)
  local edge_id, now = args[1], args[3]
  local place = PLACE_OF_BUCKET[bucket]
  local counted = stepped(keys[12], bucket, group[place], 1)
  group[place] = counted
  local has_fired = IS_FIRED[group[STATE]]
  local firing, ended, n = judge(group)
  firing = ended <= n and not has_fired and firing
  local child, score, siblings
  if firing then
    if firing == 'satisfied' then
      child, score = read_freed_child(keys[1], true)
    else
      child, score = read_skipped_child(keys[1], now)
    end
    siblings = group[ON_SATISFIED] == 'cancel_remaining'
      and running_siblings(keys[12], keys[13], args[4])
  end

  settle_edge(keys, edge_id, bucket == 'succeeded' and 'satisfied' or 'impossible', now)
  call('HSET', keys[12], bucket, counted)
  if ended > n then
    return refused('invariant_violation', 'edgegroup counters exceed n: ' .. ended .. '/' .. n)
  elseif not firing then
    return ok(has_fired and 'already_fired' or 'pending', '')
  end
  return fire(keys, args, firing, bucket == 'succeeded' and reference, child, score, siblings)
end

define('ff_resolve_dependency', function(keys, args)
  local edge_key = keys[4]
  local edge = call('HMGET', edge_key, 'state', 'data_passing_ref')
  local state, reference = edge[1], edge[2]
  if state == 'satisfied' or state == 'impossible' then
    return ok('already_resolved')
  elseif not state and not exists(edge_key) then
    return refused('invalid_dependency')
  end

  local edge_id = required(args[1], 'edge id')
  local now = required(args[3], 'now ms')
  local group = read_group(keys[12])
  if group and (group[POLICY] == 'any_of' or group[POLICY] == 'quorum') then
    local bucket = BUCKET_OF_OUTCOME[args[2]] or 'failed'
    return resolve_in_group(keys, args, group, bucket, reference)
  elseif args[2] == 'success' then
    return satisfy(keys, group, edge_id, reference, now)
  end
  return make_impossible(keys, group, edge_id, now)
end)

----------------------------------------------------------------------------------------------------
-- ff_drain_sibling_cancel_group: all siblings of a fired group are cancelled
-- ff_reconcile_sibling_cancel_group: the same after a crash, if it is true
--
-- KEYS pending_cancel_groups, edge group    ARGV flow id, child's execution id
--
-- The reason of the cancels and the state of the group stay.
----------------------------------------------------------------------------------------------------

-- The member of pending_cancel_groups; nothing when an argument is not set.
local function group_member(args)
  return is_set(args[1]) and is_set(args[2]) and args[1] .. '|' .. args[2]
end

local function refuse_arguments()
  return refused('invalid_args', 'flow_id and downstream_eid required')
end

local function drain_group(set_key, group_key, member)
  call('HDEL', group_key, 'cancel_siblings_pending_flag', 'cancel_siblings_pending_members')
  return call('SREM', set_key, member) == 1
end

define('ff_drain_sibling_cancel_group', function(keys, args)
  local member = group_member(args)
  if not member then
    return refuse_arguments()
  end
  local has_group = call('HLEN', keys[2]) > 0
  if not drain_group(keys[1], keys[2], member) then
    return ok('already_drained', '')
  end
  return ok(has_group and 'drained' or 'drained_sans_group', '')
end)

local function some_run(tag, members)
  for id in string.gmatch(members, '[^|]+') do
    local phase = call('HGET', 'ff:exec:' .. tag .. ':' .. id .. ':core', 'lifecycle_phase')
    if is_set(phase) and phase ~= 'terminal' then
      return true
    end
  end
  return false
end

define('ff_reconcile_sibling_cancel_group', function(keys, args)
  local set_key, group_key = keys[1], keys[2]
  local member = group_member(args)
  if not member then
    return refuse_arguments()
  elseif call('SISMEMBER', set_key, member) == 0 then
    return ok('no_op', 'not_in_set')
  end
  local flag, members = unpack(call('HMGET', group_key,
    'cancel_siblings_pending_flag', 'cancel_siblings_pending_members'))
  if flag ~= 'true' then
    local gone = not flag and not exists(group_key)
    call('SREM', set_key, member)
    return ok('sremmed_stale', gone and 'missing_edgegroup' or 'flag_cleared')
  end
  local tag = string.match(group_key, '%b{}')
  if tag and members and some_run(tag, members) then
    return ok('no_op', 'siblings_running')
  end
  drain_group(set_key, group_key, member)
  return ok('completed_drain', '')
end)
