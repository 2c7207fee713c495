-- Settles finished jobs and reads all that the controller, health and metrics need, in one atomic step.
--
-- Settling: BullMQ moved a finished job to `completed` in the same step in which it left `active`. Here it leaves
-- `completed` in the same step in which its events are booked, so no crash can lose or repeat a booking. A stub stays under
-- the job's key: a late second try of the same add finds it and is ignored, and receipts read from it what became of each
-- event. Stubs are bounded in time and in number.
--
-- What happened at the door of this process since its last call is booked along with it, once: a call whose answer got lost
-- is repeated with the same number.
--
-- KEYS: 1 wait, 2 prioritized, 3 active, 4 delayed, 5 completed, 6 failed, 7 meta, 8 limiter, 9 ledger, 10 due, 11 workers, 12 control,
--   13 receipts, 14 number of the last booking of this process's door
-- ARGV: 1 key prefix of jobs, 2 most jobs to settle, 3 life of a stub (ms), 4 this worker's entry or '', 5 life of an entry (ms),
--   6 most stubs, 7 number of this booking, 8 life of that number (ms), 9 text by which older entries of this worker are known,
--   then field and amount of each booking of the door
local call = redis.call
local time = call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)

local finished = call('ZPOPMIN', KEYS[5], ARGV[2])
local booked = {}
local function book (field, priority, events)
  if events ~= 0 then
    local name = field .. ':' .. priority
    booked[name] = (booked[name] or 0) + events
  end
end
for i = 1, #finished, 2 do
  local id = finished[i]
  local key = ARGV[1] .. id
  local priority, events = string.match(id, '^(%d+)%-(%d+)%-')
  if priority then
    local result, moved, added, started, secret = unpack(call('HMGET', key, 'returnvalue', 'moved', 'timestamp', 'processedOn', 'secret'))
    local ok, counts = pcall(cjson.decode, result or '')
    if not ok or type(counts) ~= 'table' then counts, result = {}, nil end
    moved = tonumber(moved or 0)
    book('settled', priority, tonumber(events))
    book('done', priority, tonumber(counts.done) or 0)
    book('dead', priority, tonumber(counts.dead) or 0)
    book('moving', priority, -moved)
    -- A worker that died in the middle may have put other events back than the one that ended the batch.
    book('repeated', priority, moved - (tonumber(counts.requeued) or 0))
    call('DEL', key)
    call('HSET', key, 'events', events, 'settled', nowMs, 'added', added or nowMs, 'started', started or nowMs)
    -- Without it the ids of its events could not be told from made-up ones.
    if secret then call('HSET', key, 'secret', secret) end
    if result and (counts.deadIndexes or counts.moves) then call('HSET', key, 'result', result) end
    call('PEXPIRE', key, ARGV[3])
    call('ZADD', KEYS[13], nowMs, id)
  else
    call('DEL', key)
  end
end
for name, events in pairs(booked) do call('HINCRBY', KEYS[9], name, events) end

call('ZREMRANGEBYSCORE', KEYS[13], '-inf', nowMs - ARGV[3])
local surplus = call('ZCARD', KEYS[13]) - ARGV[6]
if surplus > 0 then
  local oldest = call('ZPOPMIN', KEYS[13], math.min(surplus, 2 * ARGV[2]))
  for i = 1, #oldest, 2 do call('DEL', ARGV[1] .. oldest[i]) end
end

if #ARGV > 9 and tonumber(call('GET', KEYS[14]) or 0) < tonumber(ARGV[7]) then
  for i = 10, #ARGV, 2 do call('HINCRBY', KEYS[9], ARGV[i], ARGV[i + 1]) end
  call('SET', KEYS[14], ARGV[7], 'PX', ARGV[8])
end

if ARGV[4] ~= '' then
  for _, entry in ipairs(call('ZRANGE', KEYS[11], 0, -1)) do
    if entry ~= ARGV[4] and string.find(entry, ARGV[9], 1, true) then call('ZREM', KEYS[11], entry) end
  end
  call('ZADD', KEYS[11], nowMs + ARGV[5], ARGV[4])
end
call('ZREMRANGEBYSCORE', KEYS[11], '-inf', nowMs)

local memory = call('INFO', 'memory')
local limit = tonumber(string.match(memory, '\nmaxmemory:(%d+)')) or 0
local used = tonumber(string.match(memory, '\nused_memory:(%d+)')) or 0

local due = call('HGETALL', KEYS[10])
local delayed = {}
for i = 1, #due, 2 do
  local dueMs, priority = string.match(due[i], '^(%d+):(%d+)$')
  if tonumber(dueMs) <= nowMs then
    call('HDEL', KEYS[10], due[i])
  else
    delayed[#delayed + 1] = priority
    delayed[#delayed + 1] = due[i + 1]
  end
end

-- BullMQ keeps what waits in order of priority * 2^32 + count: the first of each priority is the one that is taken next. Ids of
-- new events begin with their time; of others the job knows it. A step per priority in which a batch waits.
local oldest = {}
local score = 0
for _ = 1, 10 do
  local first = call('ZRANGEBYSCORE', KEYS[2], score, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  if #first == 0 then break end
  score = (math.floor(first[2] / 4294967296) + 1) * 4294967296
  oldest[#oldest + 1] = first[1]
  oldest[#oldest + 1] = not string.match(first[1], '^%d+%-%d+%-%x+%-%x+%-7') and call('HGET', ARGV[1] .. first[1], 'timestamp') or ''
end

return {
  nowMs,
  call('HGETALL', KEYS[9]),
  delayed,
  call('LRANGE', KEYS[3], 0, -1),
  call('LLEN', KEYS[1]) + call('ZCARD', KEYS[2]),
  call('ZCARD', KEYS[4]),
  call('ZCARD', KEYS[5]),
  call('ZCARD', KEYS[6]),
  call('HEXISTS', KEYS[7], 'paused'),
  -- BullMQ counts jobs under the same key; only a pause sets it to the highest number there is.
  (tonumber(call('GET', KEYS[8]) or 0) >= 9007199254740991) and call('PTTL', KEYS[8]) or 0,
  call('ZRANGE', KEYS[11], 0, -1),
  call('HGETALL', KEYS[12]),
  limit > 0 and math.floor(used * 1000 / limit) or 0,
  oldest
}
