-- Deletes dead letters. A mark stays in their place for a while, so a repeated run of their batch does not store them
-- again, and receipts contain their times of death and deletion.
-- KEYS: 1 dead letters, 2 figures, 3 bytes by group. ARGV: 1 prefix of dead letters, 2 life of a mark (ms), then ids
-- Answers how many there were.
local call = redis.call
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local removed, bytes = 0, 0
for i = 3, #ARGV do
  local died = call('ZSCORE', KEYS[1], ARGV[i])
  -- This comes first: a full Redis lets a script write only if its first write frees memory.
  if call('ZREM', KEYS[1], ARGV[i]) == 1 then
    local key = ARGV[1] .. ARGV[i]
    local group, size = unpack(redis.pcall('HMGET', key, 'group', 'size'))
    call('DEL', key)
    if group and tonumber(size) then
      call('ZINCRBY', KEYS[3], -size, group)
      bytes = bytes + size
    end
    call('HSET', key, 'gone', 1, 'deleted', now, 'died', died)
    call('PEXPIRE', key, ARGV[2])
    removed = removed + 1
  end
end
if bytes > 0 then
  call('ZREMRANGEBYSCORE', KEYS[3], '-inf', 0)
  call('HINCRBY', KEYS[2], 'bytes', string.format('%.0f', -bytes))
end
return removed
