-- Removes the rest of an add that broke off: a job that was never booked. Its events were not acknowledged.
-- KEYS: 1 job, 2 prioritized, 3 delayed. ARGV: 1 id
local call = redis.call
if call('TYPE', KEYS[1]).ok ~= 'hash' or call('HEXISTS', KEYS[1], 'events') == 1 or call('HEXISTS', KEYS[1], 'void') == 1 then return 0 end
call('ZREM', KEYS[2], ARGV[1])
call('ZREM', KEYS[3], ARGV[1])
return call('DEL', KEYS[1])
