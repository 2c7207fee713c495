-- Compares the ledger with the jobs themselves and books the difference. Bookings cannot come apart by a crash; this is for
-- what goes around them: a job removed by hand, a queue obliterated, keys restored from a backup.
-- KEYS: 1 wait, 2 prioritized, 3 active, 4 delayed, 5 completed, 6 failed, 7 ledger, 8 lease
-- ARGV: 1 most jobs to look at, 2 life of the lease (ms): one process of many does it
-- Answers the events by which the ledger was off, or -1 when there are too many jobs or another process did it lately.
local call = redis.call
local jobs = call('LLEN', KEYS[1]) + call('ZCARD', KEYS[2]) + call('LLEN', KEYS[3])
  + call('ZCARD', KEYS[4]) + call('ZCARD', KEYS[5]) + call('ZCARD', KEYS[6])
if jobs > tonumber(ARGV[1]) then return -1 end
if not call('SET', KEYS[8], '1', 'NX', 'PX', ARGV[2]) then return -1 end

local present = {}
local function count (ids)
  for _, id in ipairs(ids) do
    local priority, events = string.match(id, '^(%d+)%-(%d+)%-')
    if priority then present[tonumber(priority)] = (present[tonumber(priority)] or 0) + tonumber(events) end
  end
end
count(call('LRANGE', KEYS[1], 0, -1))
count(call('LRANGE', KEYS[3], 0, -1))
for _, set in ipairs({ KEYS[2], KEYS[4], KEYS[5], KEYS[6] }) do count(call('ZRANGE', set, 0, -1)) end

local off = 0
for priority = 1, 10 do
  local ledger = call('HMGET', KEYS[7], 'enqueued:' .. priority, 'requeued:' .. priority, 'adjusted:' .. priority, 'settled:' .. priority)
  local outstanding = (tonumber(ledger[1]) or 0) + (tonumber(ledger[2]) or 0) + (tonumber(ledger[3]) or 0) - (tonumber(ledger[4]) or 0)
  local difference = (present[priority] or 0) - outstanding
  if difference ~= 0 then
    call('HINCRBY', KEYS[7], 'adjusted:' .. priority, difference)
    off = off + math.abs(difference)
  end
end
return off
