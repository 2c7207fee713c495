-- Leaves a stub under the key of a batch whose events are stored under other ids, since another shard remembers some of
-- them. A late try of its add meets the stub and does nothing: `into` says that its events are elsewhere (see remember).
-- KEYS: 1 job. ARGV: 1 moves as JSON, 2 secret or '', 3 life (ms)
local call = redis.call
if call('EXISTS', KEYS[1]) == 1 and call('HEXISTS', KEYS[1], 'void') == 0 then return 0 end
call('HSET', KEYS[1], 'void', 1, 'into', 1, 'result', ARGV[1])
if ARGV[2] ~= '' then call('HSET', KEYS[1], 'secret', ARGV[2]) end
call('PEXPIRE', KEYS[1], ARGV[3])
return 1
