-- Puts dead letters back into their set after it was damaged; each contains its time of death.
-- KEYS: 1 dead letters. ARGV: 1 prefix of dead letters, then ids
local call = redis.call
local time = call('TIME')
local now = string.format('%.0f', time[1] * 1000000 + time[2])
local adopted = 0
for i = 2, #ARGV do
  local deadLetter = redis.pcall('HMGET', ARGV[1] .. ARGV[i], 'text', 'score')
  if not deadLetter.err and deadLetter[1] and not call('ZSCORE', KEYS[1], ARGV[i]) then
    call('ZADD', KEYS[1], tonumber(deadLetter[2]) and deadLetter[2] or now, ARGV[i])
    adopted = adopted + 1
  end
end
return adopted
