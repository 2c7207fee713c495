-- Settles finished jobs and removes expired entries, in one atomic step, if the calling process has the lease or it is
-- free.
--
-- BullMQ has moved a finished job from `active` to `completed` in one step. This script removes it from `completed` and
-- books its events in one step, so no crash can lose or repeat a booking. A stub stays under the job's key: it makes a
-- late second try of the same add do nothing, prevents a second booking of a batch that reappears, and gives receipts
-- the outcome of each event. Stubs are bounded in time and in number.
--
-- KEYS: 1 lease, 2 completed, 3 ledger, 4 receipts, 5 how many ids are remembered until when, 6 due
-- ARGV: 1 name of the process, 2 life of the lease (ms), 3 key prefix of jobs, 4 most jobs to settle,
--   5 life of a stub (ms), 6 most stubs
-- Answers the number of finished jobs left and the unreadable keys, or nothing if another process has the lease.
local call = redis.call
local holder = call('GET', KEYS[1])
if holder and call('PTTL', KEYS[1]) == -1 then return redis.error_reply('WRONGTYPE a lease that does not end') end
if holder and holder ~= ARGV[1] then return nil end
-- A damaged ledger is an error before any job is settled: the caller repairs it and calls again.
call('HLEN', KEYS[3])
-- A full Redis refuses a script if its first write takes memory, although settling frees memory.
call('DEL', KEYS[1])
call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])

local time = call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)

local damaged = {}
local function try (default, command, key, ...)
  local reply = redis.pcall(command, key, ...)
  if type(reply) ~= 'table' or not reply.err then return reply end
  -- Any other error, such as that of a failing disk, is raised again.
  if not string.find(reply.err, 'WRONGTYPE', 1, true) then return call(command, key, ...) end
  damaged[#damaged + 1] = key
  return default
end

local function batchOf (id)
  local priority, events, unique = string.match(id, '^(%d+)%-(%d+)%-%d+%-([%w%-]+)$')
  if not priority or #events > 5 or #unique < 16 or #unique > 64 then return nil end
  priority = tonumber(priority)
  if priority < 1 or priority > 10 then return nil end
  return priority, tonumber(events)
end

local function book (name, events)
  if type(redis.pcall('HINCRBY', KEYS[3], name, events)) == 'number' then return end
  -- The field is not a number; the next recount books the difference.
  damaged[#damaged + 1] = KEYS[3]
  call('HSET', KEYS[3], name, events)
end

local finished = try({}, 'ZPOPMIN', KEYS[2], ARGV[4])
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
  local key = ARGV[3] .. id
  local priority, events = batchOf(id)
  local job = try({}, 'HMGET', key,
    'returnvalue', 'moved', 'timestamp', 'processedOn', 'events', 'settled', 'opts', 'secret')
  local result, moved, added, started, isBooked, isSettled, options, secret = unpack(job)
  if priority and isBooked and not isSettled then
    local ok, counts = pcall(cjson.decode, result or '')
    if not ok or type(counts) ~= 'table' then counts, result = {}, nil end
    moved = tonumber(moved or 0) or 0
    count('settled', priority, events)
    count('done', priority, upTo(events, counts.done))
    count('dead', priority, upTo(events, counts.dead))
    count('expired', priority, upTo(events, counts.expired))
    count('moving', priority, -moved)
    -- A worker that died may have put back other events than the worker that ended the batch.
    count('repeated', priority, moved - upTo(events, counts.requeued))
    local kept = result and (counts.deadIndexes or counts.expiredIndexes or counts.moves) and result or false
    stubs[#stubs + 1] = { id, key, events, added or nowMs, started or nowMs, kept, secret }
  elseif not isSettled and #job > 0 and (options or priority) then
    -- A foreign job, or a batch whose stub has expired. A key without options is not a job, whatever its name.
    call('DEL', key)
  end
end
for name, events in pairs(booked) do book(name, events) end
for _, stub in ipairs(stubs) do
  local id, key, events, added, started, result, secret = unpack(stub)
  call('DEL', key)
  call('HSET', key, 'events', events, 'settled', nowMs, 'added', added, 'started', started)
  if result then call('HSET', key, 'result', result) end
  -- Without the secret, nobody could distinguish the ids of its events from invented ones.
  if secret then call('HSET', key, 'secret', secret) end
  call('PEXPIRE', key, ARGV[5])
  try(0, 'ZADD', KEYS[4], nowMs, id)
end

try(0, 'ZREMRANGEBYSCORE', KEYS[4], '-inf', nowMs - ARGV[5])
local surplus = try(0, 'ZCARD', KEYS[4]) - ARGV[6]
if surplus > 0 then
  local oldest = call('ZPOPMIN', KEYS[4], math.min(surplus, 2 * ARGV[4]))
  for i = 1, #oldest, 2 do
    if batchOf(oldest[i]) then call('DEL', ARGV[3] .. oldest[i]) end
  end
end

local ids = try({}, 'HGETALL', KEYS[5])
for i = 1, #ids, 2 do
  if (tonumber(ids[i]) or 0) <= nowMs or not tonumber(ids[i + 1]) then call('HDEL', KEYS[5], ids[i]) end
end
local due = try({}, 'HGETALL', KEYS[6])
for i = 1, #due, 2 do
  local dueMs = string.match(due[i], '^(%d+):%d+$')
  if not dueMs then damaged[#damaged + 1] = KEYS[6] end
  if not dueMs or tonumber(dueMs) <= nowMs then call('HDEL', KEYS[6], due[i]) end
end

return { try(0, 'ZCARD', KEYS[2]), damaged }
