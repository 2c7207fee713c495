-- Settles finished jobs and reads all that the controller, health and metrics need, in one atomic step.
--
-- Settling: BullMQ moved a finished job to `completed` in the same step in which it left `active`. Here it leaves
-- `completed` in the same step in which its events are booked, so no crash can lose or repeat a booking. A stub stays
-- under the job's key: a late second try of the same add finds it and is ignored, a batch that turns up again is not
-- booked again, and receipts read from it what became of each event. Stubs are bounded in time and in number.
--
-- The counts at admission in this process since its last call are booked along with it, once: a call whose answer got
-- lost is repeated with the same number.
--
-- One damaged entry must not stop all intake: what cannot be read counts as empty and its key is answered, for a
-- repair. A damaged ledger alone is an error, before anything is taken: the caller repairs it and calls again.
--
-- KEYS: 1 wait, 2 prioritized, 3 active, 4 delayed, 5 completed, 6 failed, 7 meta, 8 limiter, 9 ledger, 10 due, 11 fleet, 12 control,
--   13 receipts, 14 number of the last booking of this process, 15 how many ids are remembered until when, 16 settings
-- ARGV: 1 key prefix of jobs, 2 most jobs to settle, 3 life of a stub (ms), 4 record of this process or '', 5 life of a record (ms),
--   6 most stubs, 7 number of this booking, 8 life of that number (ms), 9 id of this process,
--   10 last rank, 11 settings that are known, 12 most records, 13 most bytes of one,
--   14 changes of the fleet that are known, 15 whether the record says something new, then field and amount of each booking of admission
local call = redis.call
local time = call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)

local damaged = {}
local function try (default, command, key, ...)
  local reply = redis.pcall(command, key, ...)
  if type(reply) ~= 'table' or not reply.err then return reply end
  -- Anything else, such as a Redis that is full, is raised as it was.
  if not string.find(reply.err, 'WRONGTYPE', 1, true) then return call(command, key, ...) end
  damaged[#damaged + 1] = key
  return default
end

local function batchOf (id)
  local priority, events, unique = string.match(id, '^(%d+)%-(%d+)%-([%w%-]+)$')
  if not priority or #events > 5 or #unique < 16 or #unique > 64 then return nil end
  priority = tonumber(priority)
  if priority < 1 or priority > 10 then return nil end
  return priority, tonumber(events)
end

local function book (name, events)
  local reply = redis.pcall('HINCRBY', KEYS[9], name, events)
  if type(reply) == 'number' then return end
  -- A field that is no number cannot be added to; the next recount finds what it was off by.
  damaged[#damaged + 1] = KEYS[9]
  call('HDEL', KEYS[9], name)
  call('HINCRBY', KEYS[9], name, events)
end

call('HLEN', KEYS[9])
local finished = try({}, 'ZPOPMIN', KEYS[5], ARGV[2])
local booked = {}
local function count (field, priority, events)
  if events ~= 0 then
    local name = field .. ':' .. priority
    booked[name] = (booked[name] or 0) + events
  end
end
local function upTo (most, value)
  local number = tonumber(value)
  return number and number >= 0 and number <= most and number == math.floor(number) and number or 0
end
local stubs = {}
for i = 1, #finished, 2 do
  local id = finished[i]
  local key = ARGV[1] .. id
  local priority, events = batchOf(id)
  local job = try({}, 'HMGET', key, 'returnvalue', 'moved', 'timestamp', 'processedOn', 'events', 'settled', 'opts', 'secret')
  local result, moved, added, started, isBooked, isSettled, options, secret = unpack(job)
  if priority and isBooked and not isSettled then
    local ok, counts = pcall(cjson.decode, result or '')
    if not ok or type(counts) ~= 'table' then counts, result = {}, nil end
    moved = tonumber(moved or 0) or 0
    count('settled', priority, events)
    count('done', priority, upTo(events, counts.done))
    count('dead', priority, upTo(events, counts.dead))
    count('moving', priority, -moved)
    -- A worker that died in the middle may have put other events back than the one that ended the batch.
    count('repeated', priority, moved - upTo(events, counts.requeued))
    local kept = result and (counts.deadIndexes or counts.moves) and result or false
    stubs[#stubs + 1] = { id, key, events, added or nowMs, started or nowMs, kept, secret }
  elseif not isSettled and #job > 0 and (options or priority) then
    -- A job of somebody else, or a batch that was settled so long ago that its stub is gone. A key without options is
    -- no job, whatever its name.
    call('DEL', key)
  end
end
for name, events in pairs(booked) do book(name, events) end
for _, stub in ipairs(stubs) do
  local id, key, events, added, started, result, secret = unpack(stub)
  call('DEL', key)
  call('HSET', key, 'events', events, 'settled', nowMs, 'added', added, 'started', started)
  if result then call('HSET', key, 'result', result) end
  -- Without it the ids of its events could not be distinguished from made-up ones.
  if secret then call('HSET', key, 'secret', secret) end
  call('PEXPIRE', key, ARGV[3])
  try(0, 'ZADD', KEYS[13], nowMs, id)
end

try(0, 'ZREMRANGEBYSCORE', KEYS[13], '-inf', nowMs - ARGV[3])
local surplus = try(0, 'ZCARD', KEYS[13]) - ARGV[6]
if surplus > 0 then
  local oldest = call('ZPOPMIN', KEYS[13], math.min(surplus, 2 * ARGV[2]))
  for i = 1, #oldest, 2 do
    if batchOf(oldest[i]) then call('DEL', ARGV[1] .. oldest[i]) end
  end
end

if #ARGV > 15 and (tonumber(try(false, 'GET', KEYS[14]) or 0) or 0) < tonumber(ARGV[7]) then
  for i = 16, #ARGV, 2 do book(ARGV[i], ARGV[i + 1]) end
  call('SET', KEYS[14], ARGV[7], 'PX', ARGV[8])
end

-- The fleet is answered to a caller that announces itself, and to one that does not know its latest change: a process
-- that joined or left, or news of one. A record of the future is from before the clock was set back.
local fleet, isChanged = false, false
if ARGV[4] ~= '' or (try(false, 'HGET', KEYS[12], 'fleet') or '') ~= ARGV[14] then
  fleet = { 0 }
  local isListed = false
  local entries = try({}, 'HGETALL', KEYS[11])
  for i = 1, #entries, 2 do
    local sinceMs, record = string.match(entries[i + 1], '^(%d+) (.*)$')
    if entries[i] == ARGV[9] then isListed = true
    elseif not record or #record > tonumber(ARGV[13]) then
      call('HDEL', KEYS[11], entries[i])
      fleet[1] = fleet[1] + 1
    elseif math.abs(nowMs - sinceMs) >= tonumber(ARGV[5]) then
      call('HDEL', KEYS[11], entries[i])
      isChanged = true
    elseif #fleet < 2 * ARGV[12] then
      fleet[#fleet + 1] = sinceMs
      fleet[#fleet + 1] = record
    end
  end
  if ARGV[4] ~= '' and #fleet < 2 * ARGV[12] then
    isChanged = isChanged or not isListed or ARGV[15] == '1'
    local since = string.format('%.0f', nowMs)
    try(0, 'HSET', KEYS[11], ARGV[9], since .. ' ' .. ARGV[4])
    fleet[#fleet + 1] = since
    fleet[#fleet + 1] = ARGV[4]
  end
end
if isChanged and type(redis.pcall('HINCRBY', KEYS[12], 'fleet', 1)) ~= 'number' then
  damaged[#damaged + 1] = KEYS[12]
end

local memory = call('INFO', 'memory')
local function bytesOf (field) return tonumber(string.match(memory, '\n' .. field .. ':(%d+)')) or 0 end
-- As Redis compares it with its limit.
local used = math.max(0, bytesOf('used_memory') - bytesOf('mem_not_counted_for_evict'))

local remembered, ids = 0, try({}, 'HGETALL', KEYS[15])
for i = 1, #ids, 2 do
  local untilMs, count = tonumber(ids[i]), tonumber(ids[i + 1])
  if untilMs and count and untilMs > nowMs then remembered = remembered + count else call('HDEL', KEYS[15], ids[i]) end
end

local due = try({}, 'HGETALL', KEYS[10])
local delayed = {}
for i = 1, #due, 2 do
  local dueMs, priority = string.match(due[i], '^(%d+):(%d+)$')
  if not dueMs or tonumber(dueMs) <= nowMs then
    if not dueMs then damaged[#damaged + 1] = KEYS[10] end
    call('HDEL', KEYS[10], due[i])
  else
    delayed[#delayed + 1] = priority
    delayed[#delayed + 1] = due[i + 1]
  end
end

-- BullMQ keeps what waits in order of rank * 2^32 + count: the first of each rank is the one that is taken next. A
-- retry waits since it was due. A step per rank in which a batch waits.
local oldest = {}
local score = 0
for _ = 1, ARGV[10] do
  local first = try({}, 'ZRANGEBYSCORE', KEYS[2], score, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  if #first == 0 then break end
  local rank = math.floor(first[2] / SCORES_PER_RANK)
  score = (rank + 1) * SCORES_PER_RANK
  local dueMs, addedMs = unpack(try({}, 'HMGET', ARGV[1] .. first[1], 'due', 'timestamp'))
  oldest[#oldest + 1] = first[1]
  oldest[#oldest + 1] = rank
  oldest[#oldest + 1] = dueMs or addedMs or ''
end

-- Settings may be long and rarely change: only those that the caller does not know are answered.
local known = (try(false, 'HGET', KEYS[16], 'version') or '') .. ':' .. try(0, 'HSTRLEN', KEYS[16], 'record')
local settings = known ~= ARGV[11] and try({}, 'HGETALL', KEYS[16])

return {
  nowMs,
  call('HGETALL', KEYS[9]),
  delayed,
  try({}, 'LRANGE', KEYS[3], 0, -1),
  try(0, 'LLEN', KEYS[1]) + try(0, 'ZCARD', KEYS[2]),
  try(0, 'ZCARD', KEYS[4]),
  try(0, 'ZCARD', KEYS[5]),
  try(0, 'ZCARD', KEYS[6]),
  try(0, 'HEXISTS', KEYS[7], 'paused'),
  -- BullMQ counts jobs under the same key; only a pause sets it to the highest number there is.
  (tonumber(try(false, 'GET', KEYS[8]) or 0) or 0) >= 9007199254740991 and call('PTTL', KEYS[8]) or 0,
  fleet,
  try({}, 'HGETALL', KEYS[12]),
  { used, bytesOf('maxmemory'), bytesOf('total_system_memory') },
  oldest,
  damaged,
  remembered,
  settings
}
