-- Compares the ledger with the jobs and books the difference. A crash cannot make them differ; a job removed by hand,
-- an obliterated queue or keys restored from a backup can. A batch counts once, even if it is in several lists, and not
-- at all if it was never booked or is settled.
-- KEYS: 1 wait, 2 prioritized, 3 active, 4 delayed, 5 completed, 6 failed, 7 ledger
-- ARGV: 1 most jobs to look at, 2 key prefix of jobs
-- Answers the events by which the ledger was off, or -1 when there are too many jobs.
local call = redis.call
local jobs = call('LLEN', KEYS[1]) + call('ZCARD', KEYS[2]) + call('LLEN', KEYS[3])
  + call('ZCARD', KEYS[4]) + call('ZCARD', KEYS[5]) + call('ZCARD', KEYS[6])
if jobs > tonumber(ARGV[1]) then return -1 end

local present, seen = {}, {}
local function count (ids, mayBeSettled)
  for _, id in ipairs(ids) do
    local priority, events, unique = string.match(id, '^(%d+)%-(%d+)%-%d+%-([%w%-]+)$')
    priority = tonumber(priority)
    local isBatch = priority and priority >= 1 and priority <= 10 and #events <= 5 and #unique >= 16 and #unique <= 64
    if isBatch and not seen[id] then
      seen[id] = true
      local job = mayBeSettled and redis.pcall('HMGET', ARGV[2] .. id, 'events', 'settled')
      if not job or (job[1] and not job[2]) then
        present[priority] = (present[priority] or 0) + tonumber(events)
      end
    end
  end
end
-- A settled batch can reappear in the lists where batches start or end, which are short.
count(call('LRANGE', KEYS[1], 0, -1), true)
count(call('LRANGE', KEYS[3], 0, -1), true)
count(call('ZRANGE', KEYS[5], 0, -1), true)
count(call('ZRANGE', KEYS[6], 0, -1), true)
count(call('ZRANGE', KEYS[2], 0, -1), false)
count(call('ZRANGE', KEYS[4], 0, -1), false)

local off = 0
for priority = 1, 10 do
  local ledger = call('HMGET', KEYS[7], 'enqueued:' .. priority, 'requeued:' .. priority, 'adjusted:' .. priority, 'settled:' .. priority)
  for field = 1, 4 do ledger[field] = tonumber(ledger[field] or 0) or 0 end
  local outstanding = ledger[1] + ledger[2] + ledger[3] - ledger[4]
  local difference = (present[priority] or 0) - outstanding
  if difference ~= 0 then
    call('HINCRBY', KEYS[7], 'adjusted:' .. priority, difference)
    off = off + math.abs(difference)
  end
end
return off
