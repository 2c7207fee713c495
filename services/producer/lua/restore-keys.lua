-- Restores the keys that a process remembers, if Redis has lost them. A replica may have restored them already.
-- KEYS: 1 keys, 2 control record. ARGV: id and record of each key
-- Answers 1 if it wrote them.
local call = redis.call
if call('HEXISTS', KEYS[2], 'keys') == 1 then return 0 end
for i = 1, #ARGV, 2 do call('HSETNX', KEYS[1], ARGV[i], ARGV[i + 1]) end
local time = call('TIME')
call('HSET', KEYS[2], 'keys', string.format('%.0f', time[1] * 1000000 + time[2]))
return 1
