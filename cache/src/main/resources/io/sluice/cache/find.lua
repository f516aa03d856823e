-- KEYS: entry, mark. ARGV: seen, token of a new lease, how many milliseconds it lasts.
-- Returns the entry if it may be used, else the 8 bytes of a token, or nothing if there can be no lease.
local entry = read(KEYS[1])
local stated = entry and entry[1] > 0
if stated then
  local mark = redis.call('HMGET', KEYS[2], 'from', 'to')
  local from, to = tonumber(mark[1]), tonumber(mark[2])
  if from and to and to >= tonumber(ARGV[1]) and entry[3] >= from then
    return redis.call('GET', KEYS[1])
  end
end
local token = struct.pack('>I8', (entry and entry.lease > 0) and entry.lease or tonumber(ARGV[2]))
local written
if stated then
  written = redis.pcall('SETRANGE', KEYS[1], 25, token)
else
  written = redis.pcall('SET', KEYS[1], struct.pack('>BI8I8I8', 1, 0, 0, 0) .. token, 'PX', ARGV[3])
end
if type(written) == 'table' and written.err then
  return ''
end
return token
