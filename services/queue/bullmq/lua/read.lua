-- Reads the figures for the controller, health and metrics, from one moment. Writes nothing: skips expired entries that
-- were not yet removed (see settle).
--
-- One damaged entry must not stop the intake: an unreadable key counts as empty and is answered, for a repair. Only a
-- damaged ledger is an error: the caller repairs it and reads again.
--
-- A replica is an error: its answers may be old, and only the next write would show it.
--
-- The process with the lease has its answer published for the others, in this step: they get it at the same time, and
-- no process that has lost the lease can publish.
--
-- KEYS: 1 wait, 2 prioritized, 3 active, 4 delayed, 5 completed, 6 failed, 7 meta, 8 limiter, 9 ledger, 10 due,
--   11 fleet, 12 control, 13 how many ids are remembered until when, 14 settings, 15 lease of who settles,
--   16 unfinished replays, 17 dead letters, 18 their figures
-- ARGV: 1 key prefix of jobs, 2 last rank, 3 settings that are known, 4 most finished jobs to name, 5 life of a record
--   of the fleet (ms), 6 most records, 7 most bytes of one, 8 changes of the fleet that are known, 9 whether to answer
--   it anyway, 10 name of the process, 11 channel for the others or ''
local call = redis.call
local isReplica = string.find(call('INFO', 'replication'), 'role:slave', 1, true)
if isReplica then return redis.error_reply('READONLY this is a replica') end
local time = call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)

local damaged = {}
local function try (default, command, key, ...)
  local reply = redis.pcall(command, key, ...)
  if type(reply) ~= 'table' or not reply.err then return reply end
  if not string.find(reply.err, 'WRONGTYPE', 1, true) then return call(command, key, ...) end
  damaged[#damaged + 1] = key
  return default
end

local memory = call('INFO', 'memory')
local function bytesOf (field) return tonumber(string.match(memory, '\n' .. field .. ':(%d+)')) or 0 end
-- The value that Redis compares with its limit.
local used = math.max(0, bytesOf('used_memory') - bytesOf('mem_not_counted_for_evict'))

local remembered, ids = 0, try({}, 'HGETALL', KEYS[13])
for i = 1, #ids, 2 do
  if (tonumber(ids[i]) or 0) > nowMs then remembered = remembered + (tonumber(ids[i + 1]) or 0) end
end

local due = try({}, 'HGETALL', KEYS[10])
local delayed = {}
for i = 1, #due, 2 do
  local dueMs, priority = string.match(due[i], '^(%d+):(%d+)$')
  if dueMs and tonumber(dueMs) > nowMs then
    delayed[#delayed + 1] = priority
    delayed[#delayed + 1] = due[i + 1]
  end
end

-- BullMQ orders waiting jobs by rank * 2^32 + count: the first of each rank is the next one. The wait of a retry begins
-- at its due time. One step per rank with a waiting batch.
local oldest = {}
local score = 0
for _ = 1, ARGV[2] do
  local first = try({}, 'ZRANGEBYSCORE', KEYS[2], score, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  if #first == 0 then break end
  local rank = math.floor(first[2] / SCORES_PER_RANK)
  score = (rank + 1) * SCORES_PER_RANK
  local dueMs, addedMs = unpack(try({}, 'HMGET', ARGV[1] .. first[1], 'due', 'timestamp'))
  oldest[#oldest + 1] = first[1]
  oldest[#oldest + 1] = rank
  oldest[#oldest + 1] = dueMs or addedMs or ''
end

-- The fleet is answered if it has changed since the caller read it.
local fleet = false
if ARGV[9] == '1' or (try(false, 'HGET', KEYS[12], 'fleet') or '') ~= ARGV[8] then
  local entries = try(false, 'HGETALL', KEYS[11])
  fleet = entries and { 0 }
  for i = 1, entries and #entries or 0, 2 do
    local sinceMs, record = string.match(entries[i + 1], '^(%d+) (.*)$')
    if not record or #record > tonumber(ARGV[7]) then fleet[1] = fleet[1] + 1
    elseif math.abs(nowMs - sinceMs) < tonumber(ARGV[5]) and #fleet < 2 * ARGV[6] then
      fleet[#fleet + 1] = sinceMs
      fleet[#fleet + 1] = record
    end
  end
end

-- Settings may be long and rarely change: they are answered only if the caller does not know them.
local version, at = unpack(try({}, 'HMGET', KEYS[14], 'version', 'at'))
local known = (version or '') .. ':' .. (at or '') .. ':' .. try(0, 'HSTRLEN', KEYS[14], 'record')
local settings = known ~= ARGV[3] and try({}, 'HGETALL', KEYS[14])

local reply = {
  nowMs,
  call('HGETALL', KEYS[9]),
  delayed,
  try({}, 'LRANGE', KEYS[3], 0, -1),
  try({}, 'ZRANGE', KEYS[5], 0, ARGV[4] - 1),
  try(0, 'LLEN', KEYS[1]) + try(0, 'ZCARD', KEYS[2]),
  try(0, 'ZCARD', KEYS[4]),
  try(0, 'ZCARD', KEYS[5]),
  try(0, 'ZCARD', KEYS[6]),
  try(0, 'HEXISTS', KEYS[7], 'paused'),
  -- BullMQ counts jobs under the same key; only a pause sets it to the largest safe integer.
  (tonumber(try(false, 'GET', KEYS[8]) or 0) or 0) >= 9007199254740991 and call('PTTL', KEYS[8]) or 0,
  fleet,
  try({}, 'HGETALL', KEYS[12]),
  { used, bytesOf('maxmemory'), bytesOf('total_system_memory') },
  oldest,
  damaged,
  remembered,
  settings,
  -- A lease without an expiry counts as free.
  call('PTTL', KEYS[15]) > 0 and try(false, 'GET', KEYS[15]),
  known,
  try(0, 'ZCARD', KEYS[16]),
  try(0, 'ZCARD', KEYS[17]),
  try({}, 'HMGET', KEYS[18], 'bytes', 'discarded', 'replayed')
}
if ARGV[11] ~= '' and reply[19] == ARGV[10] then
  -- A user who may not publish has its reading all the same.
  reply[24] = type(redis.pcall('PUBLISH', ARGV[11], cjson.encode(reply))) == 'number' and 1 or 0
end
return reply
