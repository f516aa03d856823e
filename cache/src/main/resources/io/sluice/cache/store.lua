-- One part of a batch. KEYS: mark, entries. ARGV: from, next, time to live in milliseconds, name of the part before (empty:
-- this is the first), name of this part (empty: it is the last), values.
local mark = redis.call('HMGET', KEYS[1], 'from', 'to', 'part')
local from, to = tonumber(mark[1]), tonumber(mark[2])
if from and to and tonumber(ARGV[2]) <= to then
  local claim = #KEYS == 1 and ARGV[4] == '' and ARGV[5] == '' and ARGV[1] == ARGV[2]
  if claim and tonumber(ARGV[2]) < to then
    -- The new owner has less in the store than was applied here: the store has gone back, and all from there on comes again.
    redis.call('HSET', KEYS[1], 'from', ARGV[1], 'to', ARGV[2])
    redis.call('HDEL', KEYS[1], 'part')
  end
  return
end
for i = 2, #KEYS do
  local entry = read(KEYS[i])
  local value = ARGV[i + 4]
  if not entry or not covers(entry, value) then
    redis.call('SET', KEYS[i], value, 'PX', ARGV[3])
  end
end
local whole = ARGV[4] == '' or ARGV[4] == mark[3]
if ARGV[5] ~= '' then
  if whole then
    redis.call('HSET', KEYS[1], 'part', ARGV[5])
  end
  return
end
local start = ARGV[1]
if not whole then
  start = ARGV[2]
elseif from and to and tonumber(start) <= to and from < tonumber(start) then
  start = mark[1]
end
redis.call('HSET', KEYS[1], 'from', start, 'to', ARGV[2])
redis.call('HDEL', KEYS[1], 'part')
