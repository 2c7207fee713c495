-- Removes dead letters for a replay, in the same transaction as the script that adds their batch: both happen or
-- neither. If a dead letter is gone, the replay is over or another process holds the lease, a void stub under the key
-- of the job makes the add do nothing.
-- KEYS: 1 job, 2 replay, 3 lease, 4 dead letters, 5 figures, 6 bytes by group
-- ARGV: 1 token, 2 prefix of dead letters, 3 life of the stub (ms), 4 life of a mark (ms), 5 cursor of the replay from
--   now on or '', then id of each dead letter, where its event goes and the id of that
-- Answers moved | no-lease | over | gone, and the time of Redis (ms).
local call = redis.call
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function void (why)
  call('HSET', KEYS[1], 'void', 1)
  call('PEXPIRE', KEYS[1], ARGV[3])
  return { why, now }
end
if call('GET', KEYS[3]) ~= ARGV[1] then return void('no-lease') end
local status = call('HGET', KEYS[2], 'status')
if status ~= 'running' and status ~= 'paused' then return void('over') end
for i = 6, #ARGV, 3 do
  if not call('ZSCORE', KEYS[4], ARGV[i]) then return void('gone') end
end
-- A full Redis refuses this first write, as it refuses the add: then no dead letter may be removed.
call('HSET', KEYS[2], 'status', 'running', 'updatedAt', now)
call('HDEL', KEYS[2], 'reason')
if ARGV[5] ~= '' then call('HSET', KEYS[2], 'cursor', ARGV[5]) end
call('HINCRBY', KEYS[2], 'replayed', (#ARGV - 5) / 3)
call('HINCRBY', KEYS[5], 'replayed', (#ARGV - 5) / 3)
local bytes = 0
for i = 6, #ARGV, 3 do
  local key = ARGV[2] .. ARGV[i]
  local group, size, organizationId = unpack(redis.pcall('HMGET', key, 'group', 'size', 'organizationId'))
  call('ZREM', KEYS[4], ARGV[i])
  call('DEL', key)
  if group and tonumber(size) then
    call('ZINCRBY', KEYS[6], -size, group)
    bytes = bytes + size
  end
  -- Receipts follow the event from this mark.
  call('HSET', key, 'gone', 1, 'moved', ARGV[i + 1], 'event', ARGV[i + 2], 'organizationId', organizationId or '')
  call('PEXPIRE', key, ARGV[4])
end
if bytes > 0 then
  call('ZREMRANGEBYSCORE', KEYS[6], '-inf', 0)
  call('HINCRBY', KEYS[5], 'bytes', string.format('%.0f', -bytes))
end
return { 'moved', now }
