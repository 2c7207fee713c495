-- Fails the step that adds a batch of new events, before any other command of it, if the queue would then hold more
-- events than the batch may find there.
--
-- A counter bounds the depth from above, so that most adds change one number. Each add of this kind raises it, also if
-- it turns out to add nothing, and nothing lowers it: an add that it would refuse computes the depth. Other commands
-- that raise the depth delete the counter, and its life ends when the next retry falls due. It is one more than the
-- depth, which distinguishes a new counter from that of an empty queue.
-- KEYS: 1 job, 2 counter, 3 ledger, 4 due, 5 completed
-- ARGV: 1 events of the batch, 2 most events with them, 3 text of the error, 4 longest life of the counter (ms), 5 most
--   finished jobs to look at
local call = redis.call
local events, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local counter = redis.pcall('INCRBY', KEYS[2], events)
if type(counter) == 'number' and counter > events and counter - 1 <= most then return {} end
-- Without this, a step that breaks off would leave a counter that was just created, too low and without an end.
call('DEL', KEYS[2])
-- A second try of an add that succeeded adds nothing.
local isBooked, into = unpack(call('HMGET', KEYS[1], 'events', 'into'))
if isBooked or into then return {} end

-- The depth as a reading computes it (see decode-reading.ts): booked, not put off and not finished.
local depth = 0
for priority = 1, 10 do
  local booked = call('HMGET', KEYS[3],
    'enqueued:' .. priority, 'requeued:' .. priority, 'adjusted:' .. priority, 'settled:' .. priority)
  for field = 1, 4 do booked[field] = tonumber(booked[field] or 0) or 0 end
  depth = depth + booked[1] + booked[2] + booked[3] - booked[4]
end
local time = call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local lifeMs = tonumber(ARGV[4])
local due = redis.pcall('HGETALL', KEYS[4])
for i = 1, due.err and 0 or #due, 2 do
  local dueMs = tonumber(string.match(due[i], '^(%d+):%d+$') or 0)
  if dueMs > nowMs then
    depth = depth - (tonumber(due[i + 1]) or 0)
    lifeMs = math.min(lifeMs, dueMs - nowMs)
  end
end
local finished, seen = redis.pcall('ZRANGE', KEYS[5], 0, ARGV[5] - 1), {}
for _, id in ipairs(finished.err and {} or finished) do
  local count = string.match(id, '^%d+%-(%d+)%-%d+%-')
  if count and not seen[id] then depth = depth - count end
  seen[id] = true
end
depth = math.max(0, depth)

local fits = depth + events <= most
call('SET', KEYS[2], string.format('%.0f', 1 + depth + (fits and events or 0)), 'PX', string.format('%.0f', lifeMs))
if not fits then error(ARGV[3] .. ' ' .. string.format('%.0f', depth) .. ' of ' .. ARGV[2]) end
return {}
