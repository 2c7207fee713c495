-- Writes the settings if nobody has changed them meanwhile, and adds the change to the history, latest first.
-- KEYS: 1 settings, 2 history. ARGV: 1 version that was changed, 2 record, 3 most entries of the history
-- Answers the new version and its time; nothing if there is another version. Settings without a version that a process
-- can follow, because somebody deleted or damaged it, do not count as another one. The history is written first: its
-- key may have the wrong type.
local call = redis.call
local function versionIn (text)
  local digits = string.match(text or '', '^[1-9]%d*$')
  return digits and #digits <= 15 and tonumber(digits) or nil
end
local held = versionIn(call('HGET', KEYS[1], 'version'))
if held and held ~= tonumber(ARGV[1]) then return false end
local latest = versionIn(string.match(call('LINDEX', KEYS[2], 0) or '', '^(%d+) ')) or 0
local version = string.format('%.0f', math.max(tonumber(ARGV[1]), latest) + 1)
local time = call('TIME')
local at = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
-- A Redis that is full refuses a script whose first write takes memory, and operators change settings then above all.
call('LTRIM', KEYS[2], 0, ARGV[3] - 2)
call('LPUSH', KEYS[2], version .. ' ' .. at .. ' ' .. ARGV[2])
call('HSET', KEYS[1], 'version', version, 'at', at, 'record', ARGV[2])
return { version, at }
