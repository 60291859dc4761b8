-- Asks for the paths listed in a file, one a line, each thread from another place in the list.
-- wrk ... -s frames.lua URL -- LIST
local requests, at, threads = {}, 0, 0

function setup(thread)
   threads = threads + 1
   thread:set("number", threads)
end

function init(args)
   for path in io.lines(args[1]) do
      requests[#requests + 1] = wrk.format("GET", path)
   end
   at = math.floor(#requests * number / 3)
end

function request()
   at = at % #requests + 1
   return requests[at]
end

function done(summary, latency)
   local e = summary.errors
   io.write(string.format(
      '{"requests":%d,"us":%d,"bytes":%d,"errors":%d,"p50_us":%d,"p99_us":%d}\n',
      summary.requests, summary.duration, summary.bytes,
      e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50),
      latency:percentile(99)))
end
