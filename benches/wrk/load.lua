-- What wrk sends, and the one line it ends with. Arguments after `--`: get|authenticated|page|uncounted|deep|create|patch, seed,
-- number of users, and for `authenticated` a file with an access token on each line, for `deep` how many users to skip.
-- Ids and names are drawn from the seed, so that a run can be repeated and two runs never make the same user.

local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

-- The headers that show each token, made once.
local function bearers(file)
  local headers = {}
  for token in io.lines(file) do
    headers[#headers + 1] = { ["Authorization"] = "Bearer " .. token }
  end
  return headers
end

function init(args)
  local kind, seed, users = args[1], tonumber(args[2]), tonumber(args[3])
  math.randomseed(seed * 1000 + number)
  local made = 0
  local callers = kind == "authenticated" and bearers(args[4])
  local json = { ["Content-Type"] = "application/json" }
  local paths = {
    get = function() return wrk.format("GET", "/api/v1/users/" .. math.random(users)) end,
    authenticated = function()
      return wrk.format("GET", "/api/v1/users/" .. math.random(users), callers[math.random(#callers)])
    end,
    page = function() return wrk.format("GET", "/api/v1/users?skip=0&limit=10") end,
    uncounted = function() return wrk.format("GET", "/api/v1/users?skip=0&limit=10&count=none") end,
    deep = function() return wrk.format("GET", "/api/v1/users?skip=" .. args[4] .. "&limit=10") end,
    create = function()
      made = made + 1
      local name = string.format("new%dx%dx%d", seed, number, made)
      return wrk.format("POST", "/api/v1/users", json, string.format(
        '{"username":"%s","email":"%s@example.org","password":"correct horse %s","full_name":"New Person"}',
        name, name, made))
    end,
    patch = function()
      made = made + 1
      return wrk.format("PATCH", "/api/v1/users/" .. math.random(users), json,
        string.format('{"locale":"%s"}', made % 2 == 0 and "de-AT" or "fr-CA"))
    end,
  }
  request = paths[kind]
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.timeout + errors.status,
    latency:percentile(50), latency:percentile(95), latency:percentile(99)))
end
