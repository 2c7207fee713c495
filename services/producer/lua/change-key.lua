-- Creates, replaces or deletes the record of a key, and tells all replicas by a new version in the control record.
-- KEYS: 1 keys, 2 control record, 3 times of last use. ARGV: 1 id of the key, 2 its record now, '' if there must be
--   none, 3 its record from now on, '' to delete it, 4 most keys
-- Answers changed | different | full; for a change also the version before it, '' for none, and its own. The version
-- follows the clock, so it is new even if somebody deleted it before.
local call = redis.call
local held = call('HGET', KEYS[1], ARGV[1]) or ''
if held ~= ARGV[2] then return {'different'} end
if held == '' and call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then return {'full'} end
if ARGV[3] == '' then
  call('HDEL', KEYS[1], ARGV[1])
  call('HDEL', KEYS[3], ARGV[1])
else
  call('HSET', KEYS[1], ARGV[1], ARGV[3])
end
local before = call('HGET', KEYS[2], 'keys') or ''
local time = call('TIME')
local version = string.format('%.0f', math.max(time[1] * 1000000 + time[2], (tonumber(before) or 0) + 1))
call('HSET', KEYS[2], 'keys', version)
return {'changed', before, version}
