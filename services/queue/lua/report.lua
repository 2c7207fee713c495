-- Books what one process counted at admission, once: a call whose answer got lost is repeated with the same number.
-- Announces the worker of that process.
-- KEYS: 1 ledger, 2 number of the last booking of this process, 3 workers
-- ARGV: 1 number of this booking, 2 life of that number (ms), 3 entry of its worker or '', 4 life of an entry (ms),
--   5 text by which older entries of this worker are known, then field and amount of each booking
local call = redis.call
-- A damaged key is an error before anything is booked: the caller repairs it and calls again.
call('HLEN', KEYS[1])
call('ZCARD', KEYS[3])
local last = tonumber(call('GET', KEYS[2]) or 0) or 0
-- A Redis that is full refuses a script whose first write takes memory.
call('DEL', KEYS[2])
if last < tonumber(ARGV[1]) then
  for i = 6, #ARGV, 2 do
    -- A field that is no number cannot be added to.
    local total = redis.pcall('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1])
    if type(total) ~= 'number' then call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
  end
end
call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])

if ARGV[3] == '' then return end
for _, entry in ipairs(call('ZRANGE', KEYS[3], 0, -1)) do
  if entry ~= ARGV[3] and string.find(entry, ARGV[5], 1, true) then call('ZREM', KEYS[3], entry) end
end
local time = call('TIME')
call('ZADD', KEYS[3], time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[4], ARGV[3])
