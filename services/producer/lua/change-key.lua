-- Creates, replaces or deletes the record of a key, and tells all replicas by a new version in the control record.
-- KEYS: 1 keys, 2 control record. ARGV: 1 id of the key, 2 its record now, '' if there must be none, 3 its record from
--   now on, '' to delete it, 4 most keys
-- Answers changed | different | full. The version follows the clock, so it is new even if somebody deleted it before.
local call = redis.call
local held = call('HGET', KEYS[1], ARGV[1]) or ''
if held ~= ARGV[2] then return 'different' end
if held == '' and call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then return 'full' end
if ARGV[3] == '' then call('HDEL', KEYS[1], ARGV[1]) else call('HSET', KEYS[1], ARGV[1], ARGV[3]) end
local time = call('TIME')
local version = math.max(time[1] * 1000000 + time[2], (tonumber(call('HGET', KEYS[2], 'keys') or 0) or 0) + 1)
call('HSET', KEYS[2], 'keys', string.format('%.0f', version))
return 'changed'
