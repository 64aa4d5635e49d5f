-- The script of bench/load.py for wrk. With arguments (number of threads, file) each thread asks for its share of the
-- paths in the file, each once; with none, for the one path of the command line. At the end it says what was answered.

local threads = {}

function setup(thread)
   thread:set("number", #threads)
   table.insert(threads, thread)
end

local function ask_in_turn(count, file)
   local requests, line = {}, 0
   for path in io.lines(file) do
      if line % count == number then
         requests[#requests + 1] = wrk.format("GET", path)
      end
      line = line + 1
   end
   request = function()
      asked = asked + 1
      if asked > #requests then
         repeated = repeated + 1
      end
      return requests[(asked - 1) % #requests + 1]
   end
end

function init(arguments)
   asked, repeated = 0, 0
   if #arguments == 2 then
      ask_in_turn(tonumber(arguments[1]), arguments[2])
   end
end

function done(summary, latency, requests)
   local errors, repeated = summary.errors, 0
   for _, thread in ipairs(threads) do
      repeated = repeated + thread:get("repeated")
   end
   print(string.format("answered %d in %d us; refused %d, broken %d, repeated %d", summary.requests, summary.duration,
      errors.status, errors.connect + errors.read + errors.write + errors.timeout, repeated))
end
