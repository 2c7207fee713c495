-- Returns the fate of the dead letter of an event, without the text of a large one.
-- KEYS: 1 dead letters, 2 dead letter. ARGV: 1 id
-- Answers where its event moved and the id of that, when it was deleted and died, its brief, its score, its text when
-- there is no brief, and its organization.
local fields = redis.pcall('HMGET', KEYS[2], 'moved', 'event', 'deleted', 'died', 'brief', 'organizationId')
if fields.err then return {} end
local organizationId = fields[6]
local score = redis.pcall('ZSCORE', KEYS[1], ARGV[1])
fields[6] = type(score) == 'string' and score
fields[7] = fields[6] and not fields[5] and redis.call('HGET', KEYS[2], 'text')
fields[8] = organizationId
return fields
