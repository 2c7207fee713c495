-- Restores the latest settings after somebody has deleted or damaged them: from the latest change in the history, or
-- from the memory of a process if that is later.
-- KEYS: 1 settings, 2 history. ARGV: 1 version that the process remembers, 2 its time, 3 its record
local call = redis.call
if call('HEXISTS', KEYS[1], 'version') == 1 then return 0 end
local version, at, record = string.match(call('LINDEX', KEYS[2], 0) or '', '^([1-9]%d*) (%d+) (.+)$')
if not version or #version > 15 or tonumber(version) < tonumber(ARGV[1]) then
  version, at, record = ARGV[1], ARGV[2], ARGV[3]
end
if version == '0' then return 0 end
-- A Redis that is full refuses a script whose first write takes memory.
call('DEL', KEYS[1])
call('HSET', KEYS[1], 'version', version, 'at', at, 'record', record)
return 1
