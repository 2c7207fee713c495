-- Looks whether keys are what they have to be. One of another type is renamed aside, an entry that is no number is
-- taken out; both are noted as to be built again.
-- KEYS: the keys. ARGV: 1 key of the notes, then for each key its type and what of it has to be a number: '', 'value', 'fields',
--   'lease' or fields with commas between
-- Answers key, new name or '', entry or '' of all that was found, and all keys that are noted.
local call = redis.call
local time = call('TIME')
local stamp = time[1] .. string.format('%06d', time[2])
local found = {}
local function note (key, keptAs, entry)
  for _, value in ipairs({ key, keptAs, entry }) do found[#found + 1] = value end
  if call('TYPE', ARGV[1]).ok ~= 'set' then call('DEL', ARGV[1]) end
  call('SADD', ARGV[1], key)
end
local function aside (key)
  local name = key .. ':damaged-' .. stamp
  call('RENAME', key, name)
  note(key, name, '')
end
local function isWhole (value)
  local number = tonumber(value)
  return number and number == math.floor(number) and math.abs(number) <= 9007199254740991 and string.match(value, '^%-?%d+$') ~= nil
end
for index, key in ipairs(KEYS) do
  local type, numbers = ARGV[2 * index], ARGV[2 * index + 1]
  local actual = call('TYPE', key).ok
  if actual ~= 'none' and actual ~= type then
    aside(key)
  elseif actual ~= 'none' and numbers ~= '' then
    if numbers == 'value' then
      if not isWhole(call('GET', key)) then aside(key) end
    elseif numbers == 'lease' then
      if call('PTTL', key) == -1 then aside(key) end
    elseif numbers == 'fields' then
      local fields = call('HGETALL', key)
      for i = 1, #fields, 2 do
        if not isWhole(fields[i + 1]) then
          call('HDEL', key, fields[i])
          note(key, '', fields[i])
        end
      end
    else
      for field in string.gmatch(numbers, '[^,]+') do
        local value = call('HGET', key, field)
        if value and not isWhole(value) then
          call('HDEL', key, field)
          note(key, '', field)
        end
      end
    end
  end
end
if call('TYPE', ARGV[1]).ok ~= 'set' then return { found, {} } end
return { found, call('SMEMBERS', ARGV[1]) }
