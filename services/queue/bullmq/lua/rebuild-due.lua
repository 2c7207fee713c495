-- Counts delayed events by due time again, from the delayed jobs.
-- KEYS: 1 delayed, 2 due. ARGV: 1 key prefix of jobs, 2 width of the buckets (ms)
local call = redis.call
call('DEL', KEYS[2])
for _, id in ipairs(call('ZRANGE', KEYS[1], 0, -1)) do
  local priority, events = string.match(id, '^(%d+)%-(%d+)%-%d+%-')
  local dueMs = priority and redis.pcall('HGET', ARGV[1] .. id, 'due')
  if type(dueMs) == 'string' and tonumber(dueMs) then
    call('HINCRBY', KEYS[2], string.format('%.0f', dueMs - dueMs % ARGV[2]) .. ':' .. priority, events)
  end
end
return 1
