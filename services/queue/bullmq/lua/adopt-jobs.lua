-- Puts jobs back into damaged lists: those that hold events, are not settled and are in no list.
-- KEYS: 1 wait, 2 prioritized, 3 active, 4 delayed, 5 completed, 6 failed, 7 counter of priorities, 8 marker. ARGV: 1
-- key prefix, then ids
-- Answers how many were put back.
local call = redis.call
local time = call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local adopted = 0
local function isListed (id)
  return call('ZSCORE', KEYS[2], id) or call('ZSCORE', KEYS[4], id) or call('ZSCORE', KEYS[5], id) or call('ZSCORE', KEYS[6], id)
    or call('LPOS', KEYS[3], id) or call('LPOS', KEYS[1], id)
end
for i = 2, #ARGV do
  local id, key = ARGV[i], ARGV[1] .. ARGV[i]
  local job = redis.pcall('HMGET', key, 'events', 'settled', 'priority', 'due', 'finishedOn', 'returnvalue')
  if not job.err and job[1] and not job[2] and call('HEXISTS', key, 'data') == 1 and not isListed(id) then
    local dueMs, finishedMs = tonumber(job[4]), tonumber(job[5])
    if finishedMs then
      call('ZADD', job[6] and KEYS[5] or KEYS[6], finishedMs, id)
    elseif dueMs and dueMs > nowMs then
      call('ZADD', KEYS[4], dueMs * SCORES_PER_MS, id)
    else
      call('ZADD', KEYS[2], (tonumber(job[3]) or 1) * SCORES_PER_RANK + call('INCR', KEYS[7]) % SCORES_PER_RANK, id)
      call('ZADD', KEYS[8], 0, '0')
    end
    adopted = adopted + 1
  end
end
return adopted
